import type { ContentBlob, ObjectKey, Snapshot, Store, StoredObject, WriteOperation } from '@porch/apiserver';
import { authorities, beats, leases, members, putRecord, revisionLocks, unfinishedMoves } from '../../cache/records.ts';
import { unfinishedMove } from './unfinished-move.ts';

/** What belongs to the processes that used a store, or to the place where it was, and not to its state. */
const leftBehind: ReadonlySet<string> = new Set([members, beats, leases, revisionLocks, authorities, unfinishedMoves]);

/** Bounds of one write set. */
const mostObjects = 200;
const mostBytes = 1 << 20;

/** What was copied. */
export interface Copied {
  readonly objects: number;
  readonly contents: number;
}

/**
 * Copies everything that a snapshot of one store has into another, empty one, in the order in which it was last changed. Until all of it is
 * there, a record says so, and no server starts on it. `more` goes along: records that only the new store has. `beside` is done before the
 * store counts as whole: what belongs to it and is kept elsewhere.
 */
export async function copyStore(
  source: Pick<Store, 'content'>,
  snapshot: Snapshot,
  target: Store,
  more: readonly WriteOperation[],
  beside: () => Promise<void> = async () => undefined,
): Promise<Copied> {
  await target.commit({ operations: [putRecord(unfinishedMove, {}, 0)] });
  const objects = snapshot.objects
    .filter(({ key }) => !leftBehind.has(key.resource))
    .sort((a, b) => a.revision - b.revision);
  const copied = new Set<string>();
  for (let at = 0; at < objects.length; ) {
    const operations: WriteOperation[] = [];
    const content: ContentBlob[] = [];
    let bytes = 0;
    for (; at < objects.length && operations.length < mostObjects && bytes < mostBytes; at++) {
      const object = objects[at];
      if (object === undefined) break;
      operations.push(putOf(object));
      bytes += object.value.length;
      const blob = copied.has(object.content ?? '') ? undefined : await contentOf(source, object);
      if (blob === undefined) continue;
      content.push(blob);
      copied.add(blob.digest);
      bytes += blob.bytes.length;
    }
    await target.commit({ operations, content });
  }
  await beside();
  await target.commit({ operations: [...more, { type: 'delete', key: unfinishedMove }] });
  return { objects: objects.length, contents: copied.size };
}

function putOf({ key, uid, value, content }: StoredObject): WriteOperation {
  return { type: 'put', key, uid, value, content, expected: 0 };
}

async function contentOf(
  source: Pick<Store, 'content'>,
  { key, content }: StoredObject,
): Promise<ContentBlob | undefined> {
  if (content?.startsWith('sha256:') !== true) return undefined;
  const bytes = await source.content(content);
  if (bytes === undefined) throw new Error(`the store has lost the content ${content} of ${textOf(key)}`);
  return { digest: content, bytes };
}

function textOf({ resource, namespace, name }: ObjectKey): string {
  return `${resource} ${namespace}/${name}`;
}
