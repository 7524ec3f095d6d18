import { expect, test, vi } from 'vitest';
import { StoreUnavailableError } from '../store.ts';
import { putThing, thingKey } from '../store-suite.test-support.ts';
import type { CommittedGroup } from './group-committer.ts';
import type { PlannedOutcome } from './group-plan.ts';
import { GroupQueue } from './group-queue.ts';
import type { GroupMember } from './group-reading.ts';

const written: PlannedOutcome = { before: 0, changes: [], dryRun: false };

/** A queue before a database that answers when it is told so. `reached`: when its changes have been delivered. */
function queueOf(unavailableAfterMs: number, reached = Promise.resolve()) {
  const groups: { readonly group: readonly GroupMember[]; answer(...outcomes: PlannedOutcome[]): void }[] = [];
  const committer = {
    commit(group: readonly GroupMember[]) {
      const { promise, resolve } = Promise.withResolvers<CommittedGroup>();
      groups.push({ group, answer: (...outcomes) => resolve({ base: 0, changes: [], outcomes }) });
      return promise;
    },
  };
  const delivery = { publish: () => undefined, reached: () => reached };
  const queue = new GroupQueue(committer, delivery, undefined, unavailableAfterMs);
  const push = (name: string) => queue.push({ operations: [putThing(name)] }, false);
  const under = (n: number) => vi.waitUntil(() => groups[n], { timeout: 60_000 });
  return { queue, push, under };
}

test('what was given up waits no more, however long the group before it takes', async () => {
  const { queue, push, under } = queueOf(20);
  const sent = push('sent');
  const { answer } = await under(0);
  const late = await Promise.allSettled([push('a'), push('b')]);
  expect(late.map((one) => one.status === 'rejected' && one.reason)).toEqual([
    expect.any(StoreUnavailableError),
    expect.any(StoreUnavailableError),
  ]);
  expect(queue.waiting).toBe(0);
  answer(written);
  await sent;
  await queue.drained();
});

test('what has to be committed once more is given up in time as well', async () => {
  const delivered = Promise.withResolvers<void>();
  const { push, under } = queueOf(20, delivered.promise);
  const again = expect(push('again')).rejects.toThrow(StoreUnavailableError);
  const first = await under(0);
  const other = push('other');
  // Expected was a revision that did not exist yet, and that a neighbour has taken.
  const key = thingKey('again');
  first.answer({ before: 0, mismatch: { key, expected: 5, actual: 5 } });
  const second = await under(1);
  delivered.resolve();
  await again;
  second.answer(written);
  await expect(other).resolves.toMatchObject({ revision: 0 });
});

test('a write that was made, with a database that is away before it is known what came before, is in doubt', async () => {
  const away = new StoreUnavailableError('the database cannot be reached');
  const delivered = Promise.withResolvers<void>();
  const { queue, push, under } = queueOf(60_000, delivered.promise);
  const writing = expect(push('a')).rejects.toMatchObject({ message: away.message, outcomeUnknown: true, cause: away });
  (await under(0)).answer(written);
  delivered.reject(away);
  await writing;
  await queue.drained();
});
