import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RunLimit } from './run-limit.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Begins tasks that end when they are told to; `begun` says which have begun. */
function tasks(limit: RunLimit) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (name: string, expectedSlow = false) =>
    limit.run(
      () => {
        begun.push(name);
        return new Promise<void>((resolve) => ends.set(name, resolve));
      },
      { expectedSlow },
    );
  return { begun, run, end: (name: string) => ends.get(name)?.() };
}

test('so many run at once, the others in order', async () => {
  const { begun, run, end } = tasks(new RunLimit(2, { afterMs: 1000, most: 0 }));
  const all = ['a', 'b', 'c', 'd'].map((name) => run(name));
  await vi.advanceTimersByTimeAsync(5000);
  expect(begun).toEqual(['a', 'b']);
  end('b');
  await all[1];
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(['a', 'b', 'c']);
});

test('those that take long make room for others, as long as there is room among the slow', async () => {
  const { begun, run, end } = tasks(new RunLimit(1, { afterMs: 1000, most: 2 }));
  const all = ['a', 'b', 'c', 'd'].map((name) => run(name));
  await vi.advanceTimersByTimeAsync(999);
  expect(begun).toEqual(['a']);
  await vi.advanceTimersByTimeAsync(1);
  expect(begun).toEqual(['a', 'b']);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(begun).toEqual(['a', 'b', 'c']);
  end('a');
  await all[0];
  end('c');
  await all[2];
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
});

test('those that were slow before take no place from others', async () => {
  const { begun, run, end } = tasks(new RunLimit(1, { afterMs: 1000, most: 1 }));
  const slow = run('slow', true);
  run('slower', true);
  run('quick');
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(['slow', 'quick']);
  end('slow');
  await slow;
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(['slow', 'quick', 'slower']);
});

test('one that is slow as it was before, and one that has ended, give no place to others by that', async () => {
  const { begun, run, end } = tasks(new RunLimit(1, { afterMs: 1000, most: 3 }));
  run('slow', true);
  const brief = run('brief');
  await vi.advanceTimersByTimeAsync(0);
  end('brief');
  await brief;
  await vi.advanceTimersByTimeAsync(5000);
  run('quick');
  run('quicker');
  await vi.advanceTimersByTimeAsync(999);
  expect(begun).toEqual(['slow', 'brief', 'quick']);
});

test('a failure gives its place back', async () => {
  const limit = new RunLimit(1, { afterMs: 1000, most: 0 });
  await expect(limit.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await limit.run(async () => 'next')).toBe('next');
});

test('one that is given up while it waits does not begin, and takes no place', async () => {
  const limit = new RunLimit(1, { afterMs: 1000, most: 0 });
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = limit.run(() => promise);
  const stop = new AbortController();
  const reason = new Error('the Repository is gone');
  const second = limit.run(() => expect.unreachable(), { signal: stop.signal });
  stop.abort(reason);
  await expect(second).rejects.toBe(reason);
  resolve();
  await first;
  expect(await limit.run(async () => 'next')).toBe('next');
});

test('a task that is given up while it waits is not begun, and takes no place', async () => {
  const limit = new RunLimit(1, { afterMs: 1000, most: 0 });
  const { begun, run, end } = tasks(limit);
  const first = run('first');
  const controller = new AbortController();
  const work = vi.fn(async () => undefined);
  const given = limit.run(work, { signal: controller.signal });
  const last = run('last');
  controller.abort(new Error('not wanted any more'));
  await expect(given).rejects.toThrow('not wanted any more');
  expect(begun).toEqual(['first']);
  end('first');
  await first;
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(['first', 'last']);
  end('last');
  await last;
  expect(work).not.toHaveBeenCalled();
});
