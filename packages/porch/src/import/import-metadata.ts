import type { PackageRevision } from '../resources/package-revision.ts';
import type { ImportTarget } from './import-target.ts';
import type { OwnerReference, RecordedRevision } from './recorded-revision.ts';

/** What is to be done to the metadata of a package revision. */
export interface MetadataChange {
  /** The metadata of a merge patch; undefined where everything is there already. */
  readonly patch?: Readonly<Record<string, unknown>>;
  /** What the patch adds, in words. */
  readonly added: readonly string[];
  /** What cannot be taken over, and why. */
  readonly notes: readonly string[];
}

type TextMap = Readonly<Record<string, string>>;

/** What `wanted` has and `there` has not. Where both have a value, the one that is there stays. */
function missing(wanted: TextMap, there: TextMap | undefined): TextMap {
  return Object.fromEntries(Object.entries(wanted).filter(([key]) => there?.[key] === undefined));
}

function kept(what: string, wanted: TextMap, there: TextMap | undefined): string[] {
  return Object.entries(wanted)
    .filter(([key, value]) => there?.[key] !== undefined && there[key] !== value)
    .map(([key]) => `${what} ${key} has another value here, which stays`);
}

function pairs(map: TextMap): string {
  return Object.keys(map).join(', ');
}

interface Owners {
  readonly references: readonly OwnerReference[];
  readonly notes: readonly string[];
}

/** References with the UIDs that owners have in the target. Owners that are not there are left out: collectors of garbage would delete for them. */
async function ownersInTarget(record: RecordedRevision, target: ImportTarget): Promise<Owners> {
  const references: OwnerReference[] = [];
  const notes: string[] = [];
  for (const owner of record.ownerReferences) {
    const uid = await target.ownerUid(record.namespace, owner);
    if (uid === undefined) notes.push(`owner ${owner.kind} ${owner.name} is not here and is left out`);
    else references.push({ ...owner, uid });
  }
  return { references, notes };
}

/**
 * Compares a record with what the target has: labels, annotations, finalizers and owners are added, and nothing is taken away, so
 * that importing again changes nothing.
 */
export async function metadataChange(
  record: RecordedRevision,
  current: Pick<PackageRevision, 'metadata'>,
  target: ImportTarget,
): Promise<MetadataChange> {
  const { metadata } = current;
  const labels = missing(record.labels, metadata.labels);
  const annotations = missing(record.annotations, metadata.annotations);
  const finalizers = record.finalizers.filter((finalizer) => !(metadata.finalizers ?? []).includes(finalizer));
  const owners = await ownersInTarget(record, target);
  const known = new Set((metadata.ownerReferences ?? []).map(({ uid }) => uid));
  const references = owners.references.filter(({ uid }) => !known.has(uid));
  const patch: Record<string, unknown> = {
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
    ...(finalizers.length > 0 && { finalizers: [...(metadata.finalizers ?? []), ...finalizers] }),
    ...(references.length > 0 && { ownerReferences: [...(metadata.ownerReferences ?? []), ...references] }),
  };
  // Lists are replaced as a whole, so the patch holds only for the object that was read.
  const lists = 'finalizers' in patch || 'ownerReferences' in patch;
  const lock = lists && metadata.resourceVersion !== undefined ? { resourceVersion: metadata.resourceVersion } : {};
  return {
    ...(Object.keys(patch).length > 0 && { patch: { ...patch, ...lock } }),
    added: [
      ...(patch['labels'] === undefined ? [] : [`labels ${pairs(labels)}`]),
      ...(patch['annotations'] === undefined ? [] : [`annotations ${pairs(annotations)}`]),
      ...(finalizers.length === 0 ? [] : [`finalizers ${finalizers.join(', ')}`]),
      ...(references.length === 0
        ? []
        : [`owners ${references.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`]),
    ],
    notes: [
      ...kept('label', record.labels, metadata.labels),
      ...kept('annotation', record.annotations, metadata.annotations),
      ...owners.notes,
      ...(record.deleting ? ['it was being deleted; delete it again here'] : []),
    ],
  };
}
