import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

/** Who gets a place, in order, when each gives it back at once. `jobs`: whose they are, as they come. */
async function order(jobs: readonly string[], aborted: ReadonlySet<number> = new Set()): Promise<string[]> {
  const slots = new Slots(1);
  await slots.take();
  const served: string[] = [];
  const waiting = jobs.map(async (whose, index) => {
    const controller = new AbortController();
    const turn = slots.take(controller.signal, whose);
    if (aborted.has(index)) controller.abort(new Error('gone'));
    await turn;
    served.push(`${whose}${index}`);
    slots.release();
  });
  slots.release();
  await Promise.allSettled(waiting);
  expect(slots.tryTake()).toBe(true);
  return served;
}

test('those of one come in their order', async () => {
  expect(await order(['a', 'a', 'a'])).toEqual(['a0', 'a1', 'a2']);
});

test('whoever has many waits no shorter than whoever has one', async () => {
  expect(await order(['a', 'a', 'a', 'a', 'b', 'c', 'b'])).toEqual(['a0', 'b4', 'c5', 'a1', 'b6', 'a2', 'a3']);
});

test('those who are gone take no turn', async () => {
  expect(await order(['a', 'b', 'a', 'b', 'c'], new Set([0, 1, 3]))).toEqual(['a2', 'c4']);
});

test('tell how many wait', async () => {
  const slots = new Slots(0);
  const controller = new AbortController();
  const turns = ['a', 'a', 'b'].map((whose) => slots.take(controller.signal, whose));
  expect(slots.waiting).toBe(3);
  slots.release();
  expect(slots.waiting).toBe(2);
  controller.abort(new Error('gone'));
  expect(slots.waiting).toBe(0);
  await Promise.allSettled(turns);
});

test('a place that is free is taken at once, and not twice', async () => {
  const slots = new Slots(1);
  await slots.take(undefined, 'a');
  expect(slots.tryTake()).toBe(false);
  slots.release();
  await slots.take(undefined, 'b');
  await expect(slots.take(AbortSignal.abort(new Error('gone')), 'c')).rejects.toThrow('gone');
  slots.release();
  expect(slots.tryTake()).toBe(true);
});
