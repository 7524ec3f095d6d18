import { latestRevisionLabel } from '../resources/group.ts';
import type { OwnerReference, RecordedRevision } from './recorded-revision.ts';

/** Labels, finalizers and the like under this domain are the Go server's own. */
const internalDomain = 'internal.porch.kpt.dev/';

type Metadata = Pick<RecordedRevision, 'labels' | 'annotations' | 'finalizers' | 'ownerReferences' | 'deleting'>;

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function texts(value: unknown): Record<string, string> {
  if (!isMap(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text] as const] : [])),
  );
}

function own(key: string): boolean {
  return key.startsWith(internalDomain) || key === latestRevisionLabel;
}

function usersOnly(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !own(key)));
}

function isOwner(value: unknown): value is OwnerReference {
  if (!isMap(value)) return false;
  return ['apiVersion', 'kind', 'name', 'uid'].every((field) => typeof value[field] === 'string');
}

/**
 * What users have put into the metadata of a record. `name` is the package revision's: records name it as their owner, which is
 * of use to the Go server only.
 */
export function recordedMetadata(metadata: unknown, name: string): Metadata {
  const map = isMap(metadata) ? metadata : {};
  const finalizers = Array.isArray(map['finalizers']) ? map['finalizers'] : [];
  const owners = Array.isArray(map['ownerReferences']) ? map['ownerReferences'] : [];
  return {
    labels: usersOnly(texts(map['labels'])),
    annotations: usersOnly(texts(map['annotations'])),
    finalizers: finalizers.filter((text): text is string => typeof text === 'string' && !own(text)),
    ownerReferences: owners
      .filter(isOwner)
      .filter((owner) => !(owner.kind === 'PackageRevision' && owner.name === name)),
    deleting: typeof map['deletionTimestamp'] === 'string',
  };
}
