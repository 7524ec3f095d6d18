import { expect, it } from 'vitest';
import { readJson } from '../schema/read-json.ts';
import { readPatch } from './read-patch.ts';
import { prepareStrategicMergePatch } from './strategic-merge-patch.ts';

const merge = { 'x-kubernetes-patch-strategy': 'merge' };
const schema = {
  properties: {
    spec: {
      properties: {
        items: { ...merge, 'x-kubernetes-patch-merge-key': 'name', items: { properties: { tags: merge } } },
        values: merge,
        plain: {},
        byKey: { additionalProperties: merge },
      },
    },
  },
};

const apply = (live: unknown, patch: unknown): unknown =>
  prepareStrategicMergePatch(readJson(Buffer.from(JSON.stringify(patch))), schema).apply(live);

it.each([
  ['merges objects', { spec: { a: { x: 1 } } }, { spec: { a: { y: 2 } } }, { spec: { a: { x: 1, y: 2 } } }],
  ['removes with null', { spec: { a: 1, b: 2 } }, { spec: { a: null } }, { spec: { b: 2 } }],
  ['drops nulls of what is new', {}, { spec: { a: { b: null, c: 1 } } }, { spec: { a: { c: 1 } } }],
  ['replaces other types', { spec: { a: [1] } }, { spec: { a: { b: 1 } } }, { spec: { a: { b: 1 } } }],
  [
    'replaces lists without a strategy',
    { spec: { plain: [1, 2] } },
    { spec: { plain: [3] } },
    { spec: { plain: [3] } },
  ],
  ['replaces an object', { spec: { a: 1 } }, { spec: { $patch: 'replace', b: 2 } }, { spec: { b: 2 } }],
  ['empties an object', { spec: { a: 1 } }, { spec: { $patch: 'delete' } }, { spec: {} }],
  ['retains keys', { spec: { a: 1, b: 2 } }, { spec: { $retainKeys: ['b', 'c'], c: 3 } }, { spec: { b: 2, c: 3 } }],
  [
    'retains keys, and removes one that is not among them',
    { spec: { a: 1, b: 2 } },
    { spec: { $retainKeys: ['b'], a: null, b: 3 } },
    { spec: { b: 3 } },
  ],
  [
    'keeps a list without a strategy of which it has the order only',
    { spec: { plain: [1, 2] } },
    { spec: { '$setElementOrder/plain': [2, 1] } },
    { spec: { plain: [1, 2] } },
  ],
  [
    'merges lists that stand in a map',
    { spec: { byKey: { a: [1] } } },
    { spec: { byKey: { a: [2] } } },
    { spec: { byKey: { a: [2, 1] } } },
  ],
  [
    'merges values as a set',
    { spec: { values: [1, 2] } },
    { spec: { values: [2, 3] } },
    { spec: { values: [1, 2, 3] } },
  ],
  [
    'removes values',
    { spec: { values: ['a', 'b'] } },
    { spec: { '$deleteFromPrimitiveList/values': ['a'], values: ['c'] } },
    { spec: { values: ['c', 'b'] } },
  ],
  [
    'puts values in the order of the patch, new ones as early as can be',
    { spec: { values: ['a', 'b', 'c'] } },
    { spec: { values: ['d', 'c', 'a'] } },
    { spec: { values: ['d', 'b', 'c', 'a'] } },
  ],
  [
    'removes values without adding any',
    { spec: { values: ['a', 'b'] } },
    { spec: { '$deleteFromPrimitiveList/values': ['a'] } },
    { spec: { values: ['b'] } },
  ],
  [
    'orders values',
    { spec: { values: ['a', 'b'] } },
    { spec: { '$setElementOrder/values': ['c', 'b', 'a'], values: ['c'] } },
    { spec: { values: ['c', 'b', 'a'] } },
  ],
  [
    'merges items by key, and adds new ones',
    { spec: { items: [{ name: 'a', x: 1 }, { name: 'b' }] } },
    {
      spec: {
        items: [
          { name: 'a', y: 2 },
          { name: 'c', z: null },
        ],
      },
    },
    { spec: { items: [{ name: 'a', x: 1, y: 2 }, { name: 'c' }, { name: 'b' }] } },
  ],
  [
    'merges the lists of items',
    { spec: { items: [{ name: 'a', tags: [1] }] } },
    { spec: { items: [{ name: 'a', tags: [2] }] } },
    { spec: { items: [{ name: 'a', tags: [2, 1] }] } },
  ],
  [
    'deletes and replaces single items',
    {
      spec: {
        items: [
          { name: 'a', x: 1 },
          { name: 'b', x: 1 },
        ],
      },
    },
    {
      spec: {
        items: [
          { name: 'a', $patch: 'delete' },
          { name: 'b', $patch: 'replace', y: 1 },
        ],
      },
    },
    { spec: { items: [{ name: 'b', y: 1 }] } },
  ],
  [
    'swaps a whole list',
    { spec: { items: [{ name: 'a' }] } },
    { spec: { items: [{ $patch: 'replace' }, { name: 'z' }] } },
    { spec: { items: [{ name: 'z' }] } },
  ],
  [
    'orders items, and keeps those of others near their neighbours',
    { spec: { items: [{ name: 'a' }, { name: 'other' }, { name: 'b' }] } },
    { spec: { '$setElementOrder/items': [{ name: 'b' }, { name: 'a' }], items: [{ name: 'b', x: 1 }] } },
    { spec: { items: [{ name: 'other' }, { name: 'b', x: 1 }, { name: 'a' }] } },
  ],
  [
    'merges finalizers as values and owners by uid',
    { metadata: { finalizers: ['a'], ownerReferences: [{ uid: '1', name: 'x' }, { uid: '2' }] } },
    {
      metadata: {
        finalizers: ['b'],
        ownerReferences: [
          { uid: '2', $patch: 'delete' },
          { uid: '1', name: 'y' },
        ],
      },
    },
    { metadata: { finalizers: ['b', 'a'], ownerReferences: [{ uid: '1', name: 'y' }] } },
  ],
])('%s', (_, live, patch, expected) => {
  const before = structuredClone(live);
  expect(apply(live, patch)).toEqual(expected);
  expect(live).toEqual(before);
});

it.each([
  ['an unknown directive', { spec: { $patch: 'explode' } }, 400, /\$patch must be/],
  ['keys that are not retained', { spec: { $retainKeys: ['a'], b: 1 } }, 400, /must list "b"/],
  ['retained keys that are no list', { spec: { $retainKeys: 'a' } }, 400, /must be a list/],
  ['items without their key', { spec: { items: [{ x: 1 }] } }, 400, /lacks "name"/],
  ['items with null for a key', { spec: { items: [{ name: null }] } }, 400, /lacks "name"/],
  ['objects among values', { spec: { values: [{ a: 1 }] } }, 400, /must be plain values/],
  ['an order without an item', { spec: { '$setElementOrder/values': ['a'], values: ['b'] } }, 400, /does not have "b"/],
  ['items in another order', { spec: { '$setElementOrder/values': ['a', 'b'], values: ['b', 'a'] } }, 400, /order/],
  ['lists of lists', { spec: { values: [['a']] } }, 422, /lists of lists/],
  ['a list of deletions that is none', { spec: { '$deleteFromPrimitiveList/values': 'a' } }, 400, /must be a list/],
])('refuses %s', (_, patch, code, message) => {
  expect(() => apply({}, patch)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
});

it('refuses what is no object, and tells of repeated keys', async () => {
  expect(() => apply({}, [1])).toThrow(/must be a JSON object/);
  for (const body of ['{', '']) {
    const refused = readPatch(Buffer.from(body), async (bytes) => readJson(bytes));
    await expect(refused).rejects.toThrow(/^the patch cannot be read: /);
  }
  expect(prepareStrategicMergePatch(readJson(Buffer.from('{"a":1,"a":2}')), schema).problems).toEqual([
    'duplicate field "a"',
  ]);
});

it('retains many keys without comparing each with all', () => {
  const others = Array.from({ length: 1_200_000 }, (_, index) => `o${index}`);
  const names = Array.from({ length: 60_000 }, (_, index) => `k${index}`);
  const fields = Object.fromEntries(names.map((name) => [name, '']));
  const value = { spec: { $retainKeys: [...others, ...names], ...fields } };
  const patched = prepareStrategicMergePatch({ value, problems: [] }, schema).apply({ spec: { gone: 1 } });
  expect(patched).toEqual({ spec: fields });
});
