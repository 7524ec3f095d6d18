import { expect, it } from 'vitest';
import { type OpenSlot, OpenSlots } from './open-slots.ts';

/** Slots, with the names of those that were given up. */
function slotsOf(most: number) {
  const slots = new OpenSlots(most);
  const gone: string[] = [];
  const take = (name: string, address: string): OpenSlot | undefined => slots.take(address, () => void gone.push(name));
  return { gone, take };
}

it('a new request takes the place of the oldest one of whoever has the most', () => {
  const { gone, take } = slotsOf(4);
  take('other', 'b');
  for (const name of ['1', '2', '3', '4', '5']) expect(take(name, 'a')).toBeDefined();
  expect(gone).toEqual(['1', '2']);
  take('third', 'c');
  expect(gone).toEqual(['1', '2', '3']);
});

it('where all have the same number, the oldest goes', () => {
  const { gone, take } = slotsOf(2);
  for (const name of ['1', '2', '3', '4']) take(name, name);
  expect(gone).toEqual(['1', '2']);
});

it('a request that is being answered keeps its place until it leaves it', () => {
  const { gone, take } = slotsOf(2);
  const first = take('first', 'a');
  first?.arrived();
  take('second', 'a')?.arrived();
  expect(take('third', 'b')).toBeUndefined();
  first?.leave();
  first?.leave();
  expect(take('third', 'b')).toBeDefined();
  expect(take('fourth', 'c')).toBeDefined();
  expect(gone).toEqual(['third']);
});

it('one that was given up frees nothing when it leaves', () => {
  const { gone, take } = slotsOf(1);
  const first = take('first', 'a');
  const second = take('second', 'a');
  first?.arrived();
  first?.leave();
  second?.arrived();
  expect([gone, take('third', 'a')]).toEqual([['first'], undefined]);
});
