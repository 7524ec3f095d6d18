/**
 * Run by the tests as another process on the same store. Opens the store of a directory, tells what it hears of, and writes when it is
 * told to.
 */
import { createWatchCache } from '../create-watch-cache.ts';
import { openDirectoryStore } from './directory-store.test-support.ts';
import { countUp, writeThings } from './load.test-support.ts';

/** What the tests ask of the process. */
export type ReplicaOrder =
  | { readonly type: 'write'; readonly prefix: string; readonly count: number }
  | { readonly type: 'count'; readonly times: number }
  | { readonly type: 'close' };

/** What the process tells. */
export type ReplicaNews =
  | { readonly type: 'ready' }
  | { readonly type: 'heard'; readonly revisions: readonly number[] }
  | { readonly type: 'written'; readonly name: string; readonly revision: number }
  | { readonly type: 'done' };

const [directory = ''] = process.argv.slice(2);
const tell = (news: ReplicaNews) => process.send?.(news);
const store = await openDirectoryStore(directory);
store.onCommit((changes) => tell({ type: 'heard', revisions: changes.map(({ revision }) => revision) }));
const cache = await createWatchCache({ store, definitions: new Map() });

async function obey(order: ReplicaOrder): Promise<void> {
  if (order.type === 'write') {
    await writeThings(store, order.prefix, order.count, (name, revision) => tell({ type: 'written', name, revision }));
  } else if (order.type === 'count') await countUp(store, cache, order.times);
  else await store.close();
  tell({ type: 'done' });
  if (order.type === 'close') process.disconnect?.();
}

process.on('message', (order: ReplicaOrder) => void obey(order));
tell({ type: 'ready' });
