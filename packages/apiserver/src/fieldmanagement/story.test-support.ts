import type { KubernetesObject, ManagedFieldsEntry } from '../meta/object.ts';
import { FieldOwnership } from './field-ownership.ts';
import { type FieldSet, pathsOf } from './field-set.ts';
import { readFieldsV1 } from './fields-v1.ts';
import { printPath } from './path-element.ts';
import type { JsonObject } from './shape.ts';
import { trialSchema } from './trial-structure.test-support.ts';

export const endpoint = {
  schema: trialSchema,
  apiVersion: 'example.com/v1',
  subresource: '',
  changeable: undefined,
} as const;
export const ownership = new FieldOwnership(endpoint);

const asObject = (value: unknown): KubernetesObject => value as KubernetesObject;

/** An object and who writes it, one write a second. */
export class Story {
  object: KubernetesObject;
  #second = 0;
  readonly #ownership: FieldOwnership;

  constructor(object: JsonObject, by = 'creator', endpointOwnership = ownership) {
    this.#ownership = endpointOwnership;
    const made = asObject(structuredClone(object));
    this.object = made;
    if (by !== '') this.#keep(made, this.#ownership.created(this.#ownership.fieldsOf(made), made, this.#writer(by)));
  }

  apply(config: JsonObject, by: string, force = false): this {
    const configuration = asObject(structuredClone(config));
    const { object, entries } = this.#ownership.apply(this.object, configuration, { ...this.#writer(by), force });
    this.#keep(asObject(object), entries);
    return this;
  }

  update(change: (object: JsonObject & { spec: JsonObject }) => void, by: string, sent?: ManagedFieldsEntry[]): this {
    const next = structuredClone(this.object);
    change(next as unknown as JsonObject & { spec: JsonObject });
    this.#keep(next, this.#ownership.updated(this.object, next, sent, this.#writer(by)));
    return this;
  }

  entry(manager: string, operation = 'Apply'): ManagedFieldsEntry | undefined {
    return this.object.metadata.managedFields?.find((e) => e.manager === manager && e.operation === operation);
  }

  /** The paths that a manager owns. */
  owns(manager: string, operation = 'Apply'): string[] {
    return pathsOf(this.set(manager, operation)).map(printPath);
  }

  set(manager: string, operation = 'Apply'): FieldSet {
    return readFieldsV1(this.entry(manager, operation)?.fieldsV1 ?? {});
  }

  #keep(object: KubernetesObject, entries: ManagedFieldsEntry[] | undefined): void {
    const { managedFields: _, ...metadata } = object.metadata;
    const written = entries === undefined ? {} : (JSON.parse(JSON.stringify({ managedFields: entries })) as object);
    this.object = { ...object, metadata: { ...metadata, ...written } };
  }

  #writer(fieldManager: string) {
    this.#second++;
    return { fieldManager, now: `2026-01-02T03:04:${String(this.#second % 60).padStart(2, '0')}Z` };
  }
}
