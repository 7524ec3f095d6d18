import { CompactedError, type ObjectKey, type StoredObject } from '../store.ts';
import type { GroupContext } from './group-commit.ts';
import type { SlimChange, SnapshotReply } from './protocol.ts';
import { type LogRow, type ObjectRow, toStored, withoutValue } from './rows.ts';

/** Everything there is, with about `history` changes before it. States that are current are sent once. */
export function readSnapshot(context: GroupContext, history: number): SnapshotReply {
  const { statements, sealing, position } = context;
  const rows = statements.objects.all() as unknown as ObjectRow[];
  const objects = rows.map((row) => toStored(row, sealing));
  const current = new Map(objects.map((object, index) => [object.revision, index]));
  const from = Math.max(position.oldest, position.revision - history);
  const changes: SlimChange[] = [];
  const earlier: StoredObject[] = [];
  if (from < position.revision) {
    for (const row of statements.logAfter.iterate(from) as IterableIterator<unknown> as IterableIterator<LogRow>) {
      const known = row.type === 'put' ? current.get(row.revision) : undefined;
      changes.push(slim(row, known ?? sealing.open(withoutValue(row).key, row.value)));
      if (row.previous_revision === 0 || row.previous_revision > from) continue;
      earlier.push(toStored(logEntry(context, row.previous_revision), sealing));
    }
  }
  return { revision: position.revision, objects, changesAfter: from, changes, earlier };
}

/**
 * About `limit` changes after a revision, whole write sets only.
 * @throws CompactedError
 */
export function readChanges(context: GroupContext, revision: number, limit: number): SlimChange[] {
  const { statements, sealing, position } = context;
  if (revision < position.oldest) throw new CompactedError(revision, position.oldest);
  const changes: SlimChange[] = [];
  let writeSet = 0;
  for (const row of statements.logAfter.iterate(revision) as IterableIterator<unknown> as IterableIterator<LogRow>) {
    if (changes.length >= Math.max(1, limit) && row.write_set !== writeSet) break;
    writeSet = row.write_set;
    changes.push(slim(row, sealing.open(withoutValue(row).key, row.value)));
  }
  return changes;
}

/**
 * The state of one object at a revision.
 * @throws CompactedError
 */
export function readObjectAt(context: GroupContext, key: ObjectKey, revision: number): StoredObject | undefined {
  const { statements, sealing, position } = context;
  if (revision < position.oldest) throw new CompactedError(revision, position.oldest);
  const { resource, namespace, name } = key;
  const next = statements.nextOfKey.get(resource, namespace, name, revision);
  if (next === undefined) {
    const row = statements.object.get(resource, namespace, name) as ObjectRow | undefined;
    return row === undefined ? undefined : toStored(row, sealing);
  }
  const previous = Number(next['previous_revision']);
  return previous === 0 ? undefined : toStored(logEntry(context, previous), sealing);
}

function logEntry(context: GroupContext, revision: number): LogRow {
  const row = context.statements.logEntry.get(revision) as LogRow | undefined;
  if (row === undefined) throw new Error(`the log has no entry ${revision}, which a later one builds on`);
  return row;
}

function slim(row: LogRow, value: string | number): SlimChange {
  return {
    type: row.type,
    revision: row.revision,
    previousRevision: row.previous_revision,
    object: withoutValue(row),
    value,
  };
}
