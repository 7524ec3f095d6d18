import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Rounds } from './rounds.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Rounds that end when they are told so. */
function setUp() {
  const ends: (() => void)[] = [];
  const rounds = new Rounds(100, () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    ends.push(resolve);
    return promise;
  });
  return { rounds, ends };
}

test('one round follows the other after a pause, never two at once', async () => {
  const { rounds, ends } = setUp();
  rounds.start();
  await vi.advanceTimersByTimeAsync(99);
  expect(ends).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await vi.advanceTimersByTimeAsync(99);
  expect(ends).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(ends).toHaveLength(2);
});

test('closing waits for the round that is under way, and none comes after it', async () => {
  const { rounds, ends } = setUp();
  rounds.start();
  await vi.advanceTimersByTimeAsync(100);
  let isClosed = false;
  const closing = rounds.close().then(() => {
    isClosed = true;
  });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(isClosed).toBe(false);
  ends[0]?.();
  await closing;
  await vi.advanceTimersByTimeAsync(10_000);
  rounds.start();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(ends).toHaveLength(1);
});

test('closing keeps a round from coming that has not begun', async () => {
  const { rounds, ends } = setUp();
  rounds.start();
  await rounds.close();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(ends).toHaveLength(0);
});
