import type { ObjectKey, Store, WriteOperation } from '@porch/apiserver';
import { PreconditionFailedError } from '@porch/apiserver';
import { pendingContents, putRecord, type RevisionState } from './records.ts';
import { type RevisionCache, stateKey } from './revision-cache.ts';

function holdKey(namespace: string, name: string, content: string): ObjectKey {
  return { resource: pendingContents, namespace, name: `${name}/${content}` };
}

/**
 * Keeps the content of commits that Git does not have yet. The store forgets content that neither an object nor its log names,
 * and a revision names its last content only: what came before it has to be named by a record of its own.
 * `content`: what the revision itself names after the write.
 */
export function holdPendingContent(
  cache: RevisionCache,
  namespace: string,
  name: string,
  state: RevisionState,
  content: string | null,
): WriteOperation[] {
  if (state.pending.length === 0) return [];
  const wanted = new Set(state.pending.map((pending) => pending.content));
  if (content !== null) wanted.delete(content);
  const before = new Set(cache.state(namespace, name)?.value.pending.map((pending) => pending.content));
  // What is held and was not pending may be let go of before this is written: it is held once more, which changes nothing otherwise.
  const isSafe = (digest: string) =>
    before.has(digest) && cache.objects.get(holdKey(namespace, name, digest)) !== undefined;
  return [...wanted]
    .filter((digest) => !isSafe(digest))
    .map((digest) => ({ ...putRecord(holdKey(namespace, name, digest), { revision: name }), content: digest }));
}

/** Lets go of content whose commits have reached Git, or whose revision is gone. Returns of how much. */
export async function releasePendingContent(cache: RevisionCache, store: Store): Promise<number> {
  let released = 0;
  const releases = cache.objects.list(pendingContents).items.map(async ({ key, revision, content }) => {
    const name = key.name.slice(0, key.name.lastIndexOf('/'));
    const state = cache.state(key.namespace, name);
    if (state?.value.pending.some((pending) => pending.content === content)) return;
    try {
      await store.commit({
        // Whoever makes it pending again writes the state.
        preconditions: [{ key: stateKey(key.namespace, name), revision: state?.revision ?? 0 }],
        operations: [{ type: 'delete', key, expected: revision }],
      });
      released++;
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
    }
  });
  await Promise.all(releases);
  return released;
}
