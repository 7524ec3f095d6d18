import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { serveStored } from './served.ts';
import type { ServedObject } from './served-object.ts';
import { comparePlaces, SortedObjects } from './sorted-objects.ts';

function object(namespace: string, name: string, revision: number): ServedObject {
  const value = '{"apiVersion":"v1","kind":"Thing","metadata":{}}';
  const key = { resource: 'things', namespace, name };
  return serveStored({ key, uid: '', revision, value, content: null, contentRevision: 0 }, undefined);
}

const place = fc.record({
  namespace: fc.constantFrom('', 'a', 'ab'),
  name: fc.constantFrom(...'abcdefghij'.split(''), 'a.b', 'a/b'),
});
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('set' as const), place }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('delete' as const), place }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('look' as const), place }) },
);

test('whatever is set and deleted between two looks, the order is that of lists', () => {
  fc.assert(
    fc.property(fc.array(place, { maxLength: 30 }), fc.array(step, { maxLength: 60 }), (before, steps) => {
      const expected = new Map<string, ServedObject>();
      const text = ({ namespace, name }: { namespace: string; name: string }) => `${namespace} ${name}`;
      for (const { namespace, name } of before) expected.set(text({ namespace, name }), object(namespace, name, 1));
      const objects = new SortedObjects([...expected.values()]);
      const check = () => {
        const sorted = [...expected.values()].sort((a, b) => comparePlaces(a.key, b.key));
        expect(objects.size).toBe(sorted.length);
        expect(objects.all).toEqual(sorted);
        expect(objects.prefix('a', 'a')).toEqual(
          sorted.filter(({ key }) => key.namespace === 'a' && key.name.startsWith('a')),
        );
      };
      for (const [revision, { type, place }] of steps.entries()) {
        if (type === 'look') check();
        else if (type === 'delete') {
          objects.delete(place);
          expected.delete(text(place));
        } else {
          const next = object(place.namespace, place.name, revision + 2);
          objects.set(next);
          expected.set(text(place), next);
        }
        expect(objects.get(place)).toBe(expected.get(text(place)));
        expect(objects.size).toBe(expected.size);
      }
      check();
    }),
  );
});

test('of thousands that are deleted, each is not taken out alone', () => {
  const all = Array.from({ length: 5_000 }, (_, index) => object('a', `object-${index}`, index + 1));
  const objects = new SortedObjects([...all]);
  const splice = vi.spyOn(Array.prototype, 'splice');
  try {
    for (const { key } of all.slice(1_000, 4_000)) objects.delete(key);
    expect(objects.all).toHaveLength(2_000);
    expect(splice.mock.calls.length).toBeLessThan(10);
  } finally {
    splice.mockRestore();
  }
  const left = [...all.slice(0, 1_000), ...all.slice(4_000)].sort((a, b) => comparePlaces(a.key, b.key));
  expect(objects.all).toEqual(left);
});

test('some new objects are compared with few of thousands', () => {
  let compared = 0;
  const objects = new SortedObjects(
    Array.from({ length: 10_000 }, (_, index) => {
      const { key } = object('a', `object-${index}`, index + 1);
      return {
        get key() {
          compared++;
          return key;
        },
      } as unknown as ServedObject;
    }),
  );
  const before = objects.all.length;
  compared = 0;
  for (let index = 0; index < 20; index++) objects.set(object('a', `object-${index}-new`, index + 20_000));
  expect(objects.all).toHaveLength(before + 20);
  expect(compared).toBeLessThan(1_000);
});
