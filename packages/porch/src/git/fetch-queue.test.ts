import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { FetchQueue } from './fetch-queue.ts';

/** Fetches that end when they are told to. */
function controlled() {
  const runs: { finish: () => void; fail: (error: Error) => void; signal: AbortSignal }[] = [];
  const run = (signal: AbortSignal) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    runs.push({ finish: resolve, fail: reject, signal });
    return promise;
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { runs, run, settle };
}

test('whoever arrives while one runs shares the next, not that one', async () => {
  const { runs, run, settle } = controlled();
  const queue = new FetchQueue();
  const first = queue.fetch('a', run);
  await settle();
  const later = [queue.fetch('a', run), queue.fetch('a', run)];
  const other = queue.fetch('b', run);
  await settle();
  expect(runs).toHaveLength(1);
  runs[0]?.finish();
  await first;
  await settle();
  expect(runs).toHaveLength(2);
  runs[1]?.fail(new Error('no'));
  expect((await Promise.allSettled(later)).map((result) => result.status)).toEqual(['rejected', 'rejected']);
  await settle();
  runs[2]?.finish();
  await other;
  expect(runs).toHaveLength(3);
});

test('a caller that leaves ends the fetch only when it was the last', async () => {
  const { runs, run, settle } = controlled();
  const queue = new FetchQueue();
  const [one, two] = [new AbortController(), new AbortController()];
  const both = [queue.fetch('a', run, one.signal), queue.fetch('a', run, two.signal)];
  await settle();
  one.abort(new Error('first left'));
  await expect(both[0]).rejects.toThrow('first left');
  expect(runs[0]?.signal.aborted).toBe(false);
  two.abort(new Error('second left'));
  await expect(both[1]).rejects.toThrow('second left');
  expect(runs[0]?.signal.aborted).toBe(true);
  runs[0]?.fail(new Error('aborted'));
  const next = queue.fetch('a', run);
  await settle();
  runs[1]?.finish();
  await next;
});

test('one that everybody left while it waited never runs', async () => {
  const { runs, run, settle } = controlled();
  const queue = new FetchQueue();
  const first = queue.fetch('a', run);
  await settle();
  const controller = new AbortController();
  const waiting = queue.fetch('a', run, controller.signal);
  controller.abort(new Error('left'));
  await expect(waiting).rejects.toThrow('left');
  const fresh = queue.fetch('a', run);
  runs[0]?.finish();
  await first;
  await settle();
  expect(runs).toHaveLength(2);
  runs[1]?.finish();
  await fresh;
});

test('whoever has left already begins nothing, and ends nothing of others', async () => {
  const { runs, run, settle } = controlled();
  const queue = new FetchQueue();
  const gone = AbortSignal.abort(new Error('it left'));
  await expect(queue.fetch('a', run, gone)).rejects.toThrow('it left');
  await settle();
  expect(runs).toHaveLength(0);
  const first = queue.fetch('a', run);
  await settle();
  const waits = queue.fetch('a', run);
  await expect(queue.fetch('a', run, gone)).rejects.toThrow('it left');
  runs[0]?.finish();
  await first;
  await settle();
  runs[1]?.finish();
  await waits;
});

test('a signal that outlives a fetch is not kept busy by it', async () => {
  const { runs, run, settle } = controlled();
  const { signal } = new AbortController();
  const fetched = new FetchQueue().fetch('a', run, signal);
  await settle();
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  runs[0]?.finish();
  await fetched;
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
