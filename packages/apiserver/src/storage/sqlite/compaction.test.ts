import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSealing } from '../sealing.ts';
import { putThing } from '../store-suite.test-support.ts';
import { compactionSteps, revisionToForget } from './compaction.ts';
import { openDatabase } from './database.ts';
import { commitGroup, type GroupContext } from './group-commit.ts';
import { readPosition } from './position.ts';
import { readChanges } from './reads.ts';
import { prepareStatements } from './statements.ts';

let directory: string;
let database: DatabaseSync;
let context: GroupContext;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'store-compaction-'));
  database = openDatabase(join(directory, 'store.db'));
  const statements = prepareStatements(database);
  context = { statements, sealing: createSealing(undefined), position: readPosition(statements) };
});

afterEach(async () => {
  database.close();
  await rm(directory, { recursive: true, force: true });
});

function write(...names: string[]): void {
  commitGroup(context, [
    { writeSet: { operations: names.map((name) => putThing(name, { at: context.position.revision })) }, dryRun: false },
  ]);
}

const hour = 3_600_000;

test('retention by count forgets whole write sets', () => {
  for (let n = 0; n < 5; n++) write('a', 'b', 'c');
  const retention = { maxAgeMs: hour, maxEntries: 5 };
  expect(context.position.revision).toBe(16);
  // 16 - 5 = 11 lies within the write set of 11 to 13.
  expect(revisionToForget(context, retention, Date.now())).toBe(10);
  expect(revisionToForget(context, { ...retention, maxEntries: 6 }, Date.now())).toBe(10);
  expect(revisionToForget(context, { ...retention, maxEntries: 100 }, Date.now())).toBe(1);
});

test('retention by age forgets what is older and nothing else', () => {
  for (let n = 0; n < 6; n++) write('a', 'b');
  const now = Date.now();
  const age = database.prepare('UPDATE log SET time = ? WHERE revision <= ?');
  const retention = { maxAgeMs: hour, maxEntries: 1000 };
  expect(revisionToForget(context, retention, now)).toBe(1);
  for (const old of [3, 5, 11]) {
    age.run(now - 2 * hour, old);
    expect(revisionToForget(context, retention, now)).toBe(old);
  }
  expect(revisionToForget(context, retention, now + 2 * hour)).toBe(13);
});

test('writes go between the steps, and what they need is kept', () => {
  for (let n = 0; n < 500; n++) write(`t${n}`);
  for (let n = 0; n < 500; n++) write(`t${n}`);
  const steps = compactionSteps(context, 900, 0);
  let count = 0;
  let step = steps.next();
  while (step.done !== true) {
    write(`t${(count * 100) % 500}`);
    count++;
    step = steps.next();
  }
  expect(count).toBeGreaterThan(4);
  // Of the 899 entries, 101 are the states before those that stay, and a few more the states before the writes in between.
  expect(step.value.entries).toBeLessThanOrEqual(899 - 101);
  expect(step.value.entries).toBeGreaterThanOrEqual(899 - 101 - count);
  const changes = readChanges(context, 900, 10_000);
  expect(changes.map((change) => change.revision)).toEqual(Array.from({ length: 101 + count }, (_, n) => 901 + n));
  const kept = database.prepare('SELECT count(*) AS count FROM log WHERE revision = ?');
  for (const { previousRevision } of changes) expect(kept.get(previousRevision)?.['count']).toBe(1);
});

test('of an object that changes all the time, the next change is found without a look at the others', () => {
  const explained = database.prepare(`EXPLAIN QUERY PLAN ${context.statements.forgetLog.sourceSQL}`);
  const plan = explained.all({ ':after': 0, ':upTo': 1, ':oldest': 1 }).map(({ detail }) => String(detail));
  expect(plan.filter((step) => step.includes('later'))).toEqual([
    expect.stringMatching(/^SEARCH later USING .*\(resource=\? AND namespace=\? AND name=\? AND revision>\?\)$/),
  ]);
  expect(plan.join()).not.toContain('TEMP B-TREE');
});

test('many changes of one object cost about as much to forget as those of many', () => {
  const changes = 20_000;
  /** Forgets half of so many changes; in microseconds of this thread's processor time, which others on the machine do not add to. */
  const costOf = (nameOf: (n: number) => string): number => {
    const before = context.position.revision;
    const operations = Array.from({ length: changes }, (_, n) => putThing(nameOf(n), { n }));
    commitGroup(context, [{ writeSet: { operations }, dryRun: false }]);
    const begun = process.threadCpuUsage();
    const steps = compactionSteps(context, before + changes / 2, 0);
    while (steps.next().done !== true);
    const { user, system } = process.threadCpuUsage(begun);
    return user + system;
  };
  const many = costOf((n) => `t${n % (changes / 4)}`);
  expect(costOf(() => 'hot')).toBeLessThan(20 * many);
});
