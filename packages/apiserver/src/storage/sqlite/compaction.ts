import type { CompactedStore } from '../store.ts';
import type { RetentionOptions } from '../store-options.ts';
import type { GroupContext } from './group-commit.ts';

const rowsPerStep = 200;

/**
 * Forgets the log up to `revision` and the content that nothing names any more. Every `next()` is one small transaction;
 * writes go in between.
 */
export function* compactionSteps(
  context: GroupContext,
  revision: number,
  graceMs: number,
): Generator<void, CompactedStore, void> {
  const { statements, position } = context;
  const upTo = Math.min(revision, position.revision);
  if (upTo > position.oldest) {
    inTransaction(context, () => statements.writeMeta.run('oldest', upTo));
    position.oldest = upTo;
    yield;
  }
  let entries = 0;
  for (let after = 0; after < position.oldest; ) {
    const last = lastOf(statements.logStep.get(after, rowsPerStep));
    if (last === 0) break;
    const { oldest } = position;
    inTransaction(context, () => {
      entries += Number(statements.forgetLog.run({ ':after': after, ':upTo': last, ':oldest': oldest }).changes);
    });
    after = last;
    yield;
  }
  let contents = 0;
  const cutoff = Date.now() - graceMs;
  for (let after = 0; ; ) {
    const last = lastOf(statements.contentStep.get(after, rowsPerStep));
    if (last === 0) break;
    inTransaction(context, () => {
      contents += Number(statements.forgetContents.run({ ':after': after, ':upTo': last, ':cutoff': cutoff }).changes);
    });
    after = last;
    yield;
  }
  return { entries, contents };
}

/** The revision that the log may be forgotten up to: whole write sets that are too old or too many. */
export function revisionToForget(context: GroupContext, retention: RetentionOptions, now: number): number {
  const { position } = context;
  const byCount = Math.max(position.oldest, position.revision - retention.maxEntries);
  const cutoff = now - retention.maxAgeMs;
  let low = byCount;
  let high = position.revision;
  while (low < high) {
    const middle = Math.floor((low + high) / 2) + 1;
    const entry = entryFrom(context, middle);
    if (entry !== undefined && entry.time < cutoff) low = Math.min(high, Math.max(middle, entry.revision));
    else high = middle - 1;
  }
  const next = entryFrom(context, low + 1);
  return next === undefined ? low : Math.max(position.oldest, Math.min(low, next.writeSet - 1));
}

function entryFrom(context: GroupContext, revision: number) {
  const row = context.statements.timeFrom.get(revision);
  if (row === undefined) return undefined;
  return { revision: Number(row['revision']), writeSet: Number(row['write_set']), time: Number(row['time']) };
}

function lastOf(row: Record<string, unknown> | undefined): number {
  return Number(row?.['last'] ?? 0);
}

function inTransaction(context: GroupContext, work: () => void): void {
  context.statements.begin.run();
  work();
  context.statements.commit.run();
}
