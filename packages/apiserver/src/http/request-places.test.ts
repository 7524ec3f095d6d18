import { expect, it } from 'vitest';
import { type RequestPlace, RequestPlaces } from './request-places.ts';

/** Places, with the names of those that were given up. */
function placesOf(most: number) {
  const places = new RequestPlaces(most);
  const gone: string[] = [];
  const take = (name: string, sender: string): RequestPlace | undefined => {
    const place = places.take(sender, () => void gone.push(name));
    place?.waitsForBody(true);
    return place;
  };
  return { places, gone, take };
}

it('a new request takes the place of the oldest one of whoever has the most', () => {
  const { places, gone, take } = placesOf(4);
  take('other', 'b');
  for (const name of ['1', '2', '3', '4', '5']) expect(take(name, 'a')).toBeDefined();
  expect(gone).toEqual(['1', '2']);
  take('third', 'c');
  expect([gone, places.taken]).toEqual([['1', '2', '3'], 4]);
});

it('where all have the same number, the oldest goes', () => {
  const { gone, take } = placesOf(2);
  for (const name of ['1', '2', '3', '4']) take(name, name);
  expect(gone).toEqual(['1', '2']);
});

it('a request that has come keeps its place until it leaves it', () => {
  const { places, gone, take } = placesOf(2);
  const first = take('first', 'a');
  first?.waitsForBody(false);
  take('second', 'a')?.waitsForBody(false);
  expect(take('third', 'b')).toBeUndefined();
  first?.leave();
  first?.leave();
  expect(places.taken).toBe(1);
  expect(take('third', 'b')).toBeDefined();
  expect(take('fourth', 'c')).toBeDefined();
  expect(gone).toEqual(['third']);
});

it('one that was given up frees nothing when it leaves, and awaits nothing more', () => {
  const { places, gone, take } = placesOf(1);
  const first = take('first', 'a');
  take('second', 'a')?.waitsForBody(false);
  first?.waitsForBody(true);
  first?.leave();
  expect([gone, take('third', 'a'), places.taken]).toEqual([['first'], undefined, 1]);
});
