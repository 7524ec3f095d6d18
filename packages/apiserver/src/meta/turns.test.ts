import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Turns } from './turns.ts';

// Of the clock only: on a busy machine time passes beside the work too.
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** Takes a while, as work does. */
function work(ms: number): void {
  vi.advanceTimersByTime(ms);
}

/** Counts the turns of the event loop. */
function countTurns(): { readonly turns: number; stop(): void } {
  const counted = { turns: 0, stop: () => clearImmediate(next) };
  const turn = () => {
    counted.turns++;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  return counted;
}

test('others have their turn after a piece, and not before', async () => {
  const turns = new Turns();
  const others = countTurns();
  expect(turns.over).toBe(false);
  await turns.next();
  expect(others.turns).toBe(0);
  work(6);
  expect(turns.over).toBe(true);
  await turns.next();
  expect(others.turns).toBeGreaterThan(0);
  others.stop();
});

test('a piece may be shorter than usual', () => {
  const turns = new Turns(1);
  expect(turns.over).toBe(false);
  work(1);
  expect(turns.over).toBe(true);
});

test('those who share one do no more than a piece between two turns', async () => {
  const turns = new Turns();
  const others = countTurns();
  const seen = new Map<number, number>();
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      await turns.next();
      work(3);
      seen.set(others.turns, (seen.get(others.turns) ?? 0) + 1);
    }),
  );
  others.stop();
  // Two steps of three milliseconds are a piece.
  expect(Math.max(...seen.values())).toBe(2);
  expect(seen.size).toBeGreaterThanOrEqual(10);
});
