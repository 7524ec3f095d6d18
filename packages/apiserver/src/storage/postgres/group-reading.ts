import { keyText } from '../key-text.ts';
import type { Sealing } from '../sealing.ts';
import type { ObjectKey, WriteSet } from '../store.ts';
import type { Connection } from './connection.ts';
import type { PlannedState } from './planned-change.ts';
import { isThere, type Joined, keyOf, type ObjectRow } from './rows.ts';
import { openText } from './sealed-text.ts';
import type { Statements } from './statements.ts';

/** One write set of a group. */
export interface GroupMember {
  readonly writeSet: WriteSet;
  readonly dryRun: boolean;
}

/** What the database has of what a group names. */
export interface GroupReading {
  /** The store's revision. */
  readonly revision: number;
  /** All keys that the group names. */
  readonly keys: ReadonlyMap<string, ObjectKey>;
  readonly objects: ReadonlyMap<string, PlannedState>;
  /** Those of the named digests that are there. */
  readonly contents: ReadonlySet<string>;
}

type Row = { readonly counter: number } & Joined<ObjectRow>;

/** Reads, in one round trip and without locks, what a group names. */
export async function readGroup(
  connection: Connection,
  statements: Statements,
  group: readonly GroupMember[],
  sealing: Sealing,
): Promise<GroupReading> {
  const keys = new Map<string, ObjectKey>();
  const digests = new Set<string>();
  for (const { writeSet } of group) {
    for (const { key } of writeSet.preconditions ?? []) keys.set(keyText(key), key);
    for (const { digest } of writeSet.content ?? []) digests.add(digest);
    for (const operation of writeSet.operations) {
      keys.set(keyText(operation.key), operation.key);
      if (operation.type === 'put' && operation.content?.startsWith('sha256:')) digests.add(operation.content);
    }
  }
  const [rows, present] = await connection.together(() =>
    Promise.all([
      connection.run<Row>(statements.readObjects, [JSON.stringify([...keys.values()])]),
      digests.size === 0 ? [] : connection.run<{ digest: string }>(statements.presentContents, [[...digests]]),
    ]),
  );
  const objects = new Map<string, PlannedState>();
  for (const row of rows) {
    if (!isThere(row)) continue;
    const { uid, value: stored, content, revision, content_revision: contentRevision } = row;
    const value = openText(sealing, keyOf(row), stored);
    objects.set(keyText(keyOf(row)), { uid, value, stored, content, revision, contentRevision });
  }
  const revision = rows[0]?.counter;
  if (revision === undefined) throw new Error('the database has lost its counter; restore it from a backup');
  return { revision, keys, objects, contents: new Set(present.map(({ digest }) => digest)) };
}
