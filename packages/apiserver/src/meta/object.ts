/**
 * The parts every Kubernetes object has. Field meanings follow the Kubernetes API reference, "ObjectMeta v1 meta".
 */

/** Time as Kubernetes writes it: RFC 3339, UTC, whole seconds, for example `2026-01-02T03:04:05Z`. */
export type Time = string;

/** The object that an object belongs to, in the same namespace or in none. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** The fields that one manager owns, by one kind of write. */
export interface ManagedFieldsEntry {
  manager?: string;
  operation?: 'Apply' | 'Update';
  apiVersion?: string;
  time?: Time;
  fieldsType?: string;
  fieldsV1?: Record<string, unknown>;
  subresource?: string;
}

/** Metadata that every object has; see <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>. */
export interface ObjectMeta {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: Time | null;
  deletionTimestamp?: Time;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: ManagedFieldsEntry[];
  selfLink?: string;
}

/** Metadata that is left out where there is none of it. Empty managed fields are another matter: they forget all owners. */
export const droppedWhenEmpty = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

/** Any API object. Resource types narrow it with their `spec`, `status` and other top-level fields. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** Writes a date the way Kubernetes does: UTC, seconds, no fraction. */
export function toTime(date: Date): Time {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** A resource's group and plural name, `packagerevisions.porch.kpt.dev`; the core group has no suffix: `secrets`. */
export function groupResource(plural: string, group: string): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** `apiVersion` of a group and version: `v1` for the core group. */
export function apiVersionOf(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}
