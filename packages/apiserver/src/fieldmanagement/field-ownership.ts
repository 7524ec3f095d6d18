import type { KubernetesObject, ManagedFieldsEntry } from '../meta/object.ts';
import { appliedFields } from './applied-fields.ts';
import { applyFields } from './apply-fields.ts';
import { compare } from './compare.ts';
import { emptySet, type FieldSet, isEmptySet } from './field-set.ts';
import { fieldsOfLastApplied, migratingManager, withLastApplied } from './last-applied.ts';
import { type Manager, managerIdentity, managersOfWrite, noManagers, writeManagers } from './managers.ts';
import type { JsonObject } from './shape.ts';
import { type MapStructure, objectStructure } from './structure.ts';
import { type ChangeableFields, type FieldFilter, fieldFilter, withoutOwnerless } from './tracked-fields.ts';
import { afterCreate, afterUpdate, type Writing } from './update-fields.ts';

/** Who writes, and when. */
export interface FieldWriter {
  readonly fieldManager: string;
  /** RFC 3339. */
  readonly now: string;
}

/** The endpoint of a resource whose writes are recorded. */
export interface FieldEndpoint {
  /** Schema of the objects without apiVersion, kind and metadata. */
  readonly schema: Parameters<typeof objectStructure>[0];
  readonly apiVersion: string;
  /** Empty for the objects themselves. */
  readonly subresource: string;
  readonly changeable: ChangeableFields | undefined;
}

/** The entries for an object's `metadata.managedFields`; undefined for none. */
export type FieldEntries = ManagedFieldsEntry[] | undefined;

const json = (object: KubernetesObject): JsonObject => object as unknown as JsonObject;

/** Keeps the record of which manager owns which fields, for writes through one endpoint. No argument is ever changed. */
export class FieldOwnership {
  readonly #structure: MapStructure;
  readonly #apiVersion: string;
  readonly #subresource: string;
  readonly #filter: FieldFilter;

  constructor({ schema, apiVersion, subresource, changeable }: FieldEndpoint) {
    this.#structure = objectStructure(schema);
    this.#apiVersion = apiVersion;
    this.#subresource = subresource;
    this.#filter = fieldFilter(changeable);
  }

  /** The fields that an object has as it is now, to be handed to `created` when the server has completed it. */
  fieldsOf(object: KubernetesObject): FieldSet {
    return compare({}, json(object), this.#structure).added;
  }

  /** Entries of a new object: its writer owns what they asked for and the object has. */
  created(asked: FieldSet, made: KubernetesObject, writer: FieldWriter): FieldEntries {
    return writeManagers(afterCreate(asked, json(made), this.#writing(writer, 'Update')));
  }

  /**
   * Entries after an update: its writer owns what has changed.
   * @param sent the managed fields that the client sent; they count where they make sense
   */
  updated(
    old: KubernetesObject,
    next: KubernetesObject,
    sent: readonly ManagedFieldsEntry[] | undefined,
    writer: FieldWriter,
  ): FieldEntries {
    const managers = managersOfWrite(sent, old.metadata.managedFields, this.#subresource);
    return writeManagers(afterUpdate(json(old), json(next), managers, this.#writing(writer, 'Update')));
  }

  /**
   * Applies a configuration to an object.
   * @throws StatusError 409 for fields that others own, unless forced
   * @throws StructureError for lists whose items cannot be told apart
   */
  apply(
    live: KubernetesObject,
    config: KubernetesObject,
    writer: FieldWriter & { readonly force: boolean },
  ): { readonly object: unknown; readonly entries: FieldEntries } {
    const writing = this.#writing(writer, 'Apply');
    const managers = managersOfWrite(undefined, live.metadata.managedFields, this.#subresource);
    const migrates = writer.fieldManager === migratingManager;
    const waived = migrates ? fieldsOfLastApplied(json(live), this.#structure) : emptySet;
    const { object, managers: after } = applyFields(json(live), json(config), managers, {
      ...writing,
      force: writer.force,
      waived,
    });
    return { object: migrates ? withLastApplied(object, json(config)) : object, entries: writeManagers(after) };
  }

  /**
   * Entries of an object that is created by applying a configuration.
   * @throws StructureError for lists whose items cannot be told apart
   */
  appliedNew(config: KubernetesObject, writer: FieldWriter): FieldEntries {
    const { manager, now } = this.#writing(writer, 'Apply');
    const fields = withoutOwnerless(this.#filter(appliedFields(json(config), this.#structure)));
    if (isEmptySet(fields)) return writeManagers(noManagers);
    return writeManagers(new Map([[managerIdentity(manager), { ...manager, fields, time: now }]]));
  }

  #writing({ fieldManager, now }: FieldWriter, operation: Manager['operation']): Writing {
    const manager = {
      name: fieldManager,
      operation,
      apiVersion: this.#apiVersion,
      subresource: this.#subresource,
    } as const;
    return { structure: this.#structure, manager, filter: this.#filter, now };
  }
}
