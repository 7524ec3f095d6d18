import { expect, test, vi } from 'vitest';
import { RetryQueue } from './retry-queue.ts';

const patience = { timeout: 60_000, interval: 5 };

test('works on an item once, and once more when it is added meanwhile', async () => {
  const started: string[] = [];
  const gates: (() => void)[] = [];
  const queue = new RetryQueue<string>({
    work: async (item) => {
      started.push(item);
      await new Promise<void>((resolve) => gates.push(resolve));
    },
    failed: () => undefined,
    concurrency: 2,
    firstRetryMs: 1,
    longestRetryMs: 1,
  });
  for (const key of ['a', 'a', 'b', 'c']) queue.add(key, key);
  await vi.waitFor(() => expect(started).toEqual(['a', 'b']), patience);
  queue.add('a', 'a again');
  gates.shift()?.();
  await vi.waitFor(() => expect(started).toEqual(['a', 'b', 'c']), patience);
  for (let left = gates.length; left > 0; left--) gates.shift()?.();
  await vi.waitFor(() => expect(started).toEqual(['a', 'b', 'c', 'a again']), patience);
  for (const open of gates) open();
  await queue.close();
});

test('tries again with growing pauses, until it works', async () => {
  const attempts: number[] = [];
  let left = 3;
  const done = Promise.withResolvers<void>();
  const queue = new RetryQueue<string>({
    work: async () => {
      if (left-- > 0) throw new Error('not yet');
      done.resolve();
    },
    failed: (_, __, attempt) => attempts.push(attempt),
    concurrency: 1,
    firstRetryMs: 1,
    longestRetryMs: 4,
  });
  queue.add('a', 'a');
  await done.promise;
  expect(attempts).toEqual([1, 2, 3]);
  await queue.close();
});

test('when closed waits for what is under way and begins nothing more', async () => {
  const gate = Promise.withResolvers<void>();
  const worked: string[] = [];
  const queue = new RetryQueue<string>({
    work: async (item) => {
      worked.push(item);
      await gate.promise;
    },
    failed: () => undefined,
    concurrency: 1,
    firstRetryMs: 1,
    longestRetryMs: 1,
  });
  queue.add('a', 'a');
  queue.add('b', 'b');
  await vi.waitFor(() => expect(worked).toEqual(['a']), patience);
  const order: string[] = [];
  const closed = queue.close().then(() => order.push('closed'));
  queue.add('c', 'c');
  setImmediate(() => {
    order.push('done');
    gate.resolve();
  });
  await closed;
  expect(order).toEqual(['done', 'closed']);
  expect(worked).toEqual(['a']);
});
