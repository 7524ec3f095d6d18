import type { ManagedFieldsEntry, Time } from '../meta/object.ts';
import { validateManagedFields } from '../meta/validate-managed-fields.ts';
import { type FieldSet, isEmptySet } from './field-set.ts';
import { readFieldsV1, writeFieldsV1 } from './fields-v1.ts';

/** Who writes fields, and in what way. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
}

/** The fields of one manager. */
export interface ManagedSet extends Manager {
  readonly fields: FieldSet;
  readonly time: Time | undefined;
}

/** All managers of an object, by identity. */
export type Managers = ReadonlyMap<string, ManagedSet>;

/** Nobody owns anything: ownership of the object is not kept. */
export const noManagers: Managers = new Map();

/** What tells managers apart. Someone who applies stays the same when the version of the resource changes. */
export function managerIdentity({ name, operation, apiVersion, subresource }: Manager): string {
  return JSON.stringify([name, operation, subresource, operation === 'Apply' ? '' : apiVersion]);
}

function readEntry(entry: ManagedFieldsEntry): ManagedSet {
  const { manager = '', operation = 'Update', apiVersion = '', subresource = '', time } = entry;
  return { name: manager, operation, apiVersion, subresource, time, fields: readFieldsV1(entry.fieldsV1 ?? {}) };
}

/** The managers that an object names, or undefined for entries that make no sense. */
export function readManagers(entries: readonly ManagedFieldsEntry[]): Managers | undefined {
  if (validateManagedFields(entries, '').length > 0) return undefined;
  if (entries.some(({ fieldsType }) => fieldsType !== 'FieldsV1')) return undefined;
  const managers = new Map<string, ManagedSet>();
  try {
    for (const entry of entries) {
      const set = readEntry(entry);
      if (!isEmptySet(set.fields)) managers.set(managerIdentity(set), set);
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
  return managers;
}

function seconds({ time }: ManagedSet): number {
  return time === undefined ? 0 : Math.floor(Date.parse(time) / 1000);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Order of entries: by operation, time, name, version, subresource. */
function inOrder(a: ManagedSet, b: ManagedSet): number {
  return (
    compareText(a.operation, b.operation) ||
    seconds(a) - seconds(b) ||
    compareText(a.name, b.name) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}

/** The entries of an object's managed fields; undefined when there are none. */
export function writeManagers(managers: Managers): ManagedFieldsEntry[] | undefined {
  const sets = [...managers.values()].filter(({ fields }) => !isEmptySet(fields)).sort(inOrder);
  if (sets.length === 0) return undefined;
  return sets.map(({ name, operation, apiVersion, subresource, time, fields }) => ({
    manager: name,
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: writeFieldsV1(fields),
    ...(subresource === '' ? {} : { subresource }),
  }));
}

function isReset(entries: readonly ManagedFieldsEntry[]): boolean {
  const [only] = entries;
  return only === undefined || (entries.length === 1 && Object.keys(only).length === 0);
}

/**
 * The managers that a write starts from: those that the client sent, where they make sense and the write is to the object itself,
 * and those of the live object otherwise. An empty list, or one empty entry, forgets all.
 */
export function managersOfWrite(
  sent: readonly ManagedFieldsEntry[] | undefined,
  live: readonly ManagedFieldsEntry[] | undefined,
  subresource: string,
): Managers {
  const stored = (): Managers => readManagers(live ?? []) ?? noManagers;
  if (subresource !== '' || sent === undefined) return stored();
  if (isReset(sent)) return noManagers;
  const managers = readManagers(sent);
  return managers === undefined || managers.size === 0 ? stored() : managers;
}
