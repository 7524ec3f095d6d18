import type { FieldEntries, FieldWriter } from '../../fieldmanagement/field-ownership.ts';
import type { FieldSet } from '../../fieldmanagement/field-set.ts';
import { type KubernetesObject, type ManagedFieldsEntry, toTime } from '../../meta/object.ts';
import type { WriteOptions } from '../resource.ts';
import type { ResourceRequest } from './resource-request.ts';

/** Says who owns which fields of an object, once the strategy has had its say. */
export interface FieldRecord {
  /** `asked`: the fields of the object as the client sent it. */
  ofNew(asked: FieldSet, made: KubernetesObject): FieldEntries;
  /** `sent`: the managed fields that came with the object. */
  ofUpdated(
    old: KubernetesObject,
    next: KubernetesObject,
    sent: readonly ManagedFieldsEntry[] | undefined,
  ): FieldEntries;
}

/** Who makes a request, as the owner of fields. */
export function fieldWriter(request: ResourceRequest, options: WriteOptions): FieldWriter {
  return { fieldManager: options.fieldManager, now: toTime(new Date(request.services.now())) };
}

/** The record of all writes but server-side apply: whoever changes a field owns it. */
export function recordOfUpdates(request: ResourceRequest, options: WriteOptions): FieldRecord {
  const { ownership } = request.target;
  const writer = fieldWriter(request, options);
  return {
    ofNew: (asked, made) => ownership.created(asked, made, writer),
    ofUpdated: (old, next, sent) => ownership.updated(old, next, sent, writer),
  };
}

/** Puts entries on an object. */
export function setManagedFields(object: KubernetesObject, entries: FieldEntries): void {
  if (entries === undefined) delete object.metadata.managedFields;
  else object.metadata.managedFields = entries;
}
