import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appliedFields } from './applied-fields.ts';
import { setOf } from './field-set.ts';
import { readFieldsV1, writeFieldsV1 } from './fields-v1.ts';
import { merge } from './merge.ts';
import { prune } from './prune.ts';
import { reconcile } from './reconcile.ts';
import { isHollow, type JsonObject } from './shape.ts';
import { configurations, trialStructure } from './trial-structure.test-support.ts';

const mergeSpecs = (live: JsonObject, config: JsonObject): unknown =>
  merge({ spec: live }, { spec: config }, trialStructure)['spec'];
const items = (text: string) => [...text].map((id) => ({ id }));
const letters = (list: unknown) => (list as { id: string }[]).map(({ id }) => id).join('');

describe('merging a configuration into an object', () => {
  it.each<[string, JsonObject, JsonObject, JsonObject]>([
    ['replaces scalars and keeps the rest', { color: 'a', count: 1 }, { color: 'b' }, { color: 'b', count: 1 }],
    ['joins maps', { shelves: { a: { books: 1 } } }, { shelves: { b: {} } }, { shelves: { a: { books: 1 }, b: {} } }],
    ['keeps what is in a map when the other is empty', { shelves: { a: {} } }, { shelves: {} }, { shelves: { a: {} } }],
    ['replaces lists that are one thing', { args: ['a', 'b'] }, { args: ['c'] }, { args: ['c'] }],
    ['replaces maps that are one thing', { whole: { a: 'a' } }, { whole: { b: 'b' } }, { whole: { b: 'b' } }],
    ['joins sets', { tags: ['a', 'b'] }, { tags: ['c', 'a'] }, { tags: ['c', 'a', 'b'] }],
    [
      'merges items by their keys',
      { parts: [{ name: 'x', size: 1 }] },
      {
        parts: [
          { name: 'x', protocol: 'tcp', notes: { n: '1' } },
          { name: 'x', protocol: 'udp' },
        ],
      },
      {
        parts: [
          { name: 'x', size: 1, protocol: 'tcp', notes: { n: '1' } },
          { name: 'x', protocol: 'udp' },
        ],
      },
    ],
    ['replaces what has another type', { free: { a: 1 } }, { free: ['x'] }, { free: ['x'] }],
    [
      'replaces repeated items by the one that is applied',
      { tags: ['a', 'b', 'a'] },
      { tags: ['a'] },
      { tags: ['a', 'b'] },
    ],
    ['leaves repeated items alone otherwise', { tags: ['a', 'a'] }, { tags: ['b'] }, { tags: ['a', 'a', 'b'] }],
  ])('%s', (_, live, config, expected) => {
    const before = structuredClone(live);
    expect(mergeSpecs(live, config)).toEqual(expected);
    expect(live).toEqual(before);
  });

  it.each([
    ['abc', '', 'abc'],
    ['', 'abc', 'abc'],
    ['abc', 'abc', 'abc'],
    ['abc', 'cba', 'cba'],
    ['xay', 'a', 'xay'],
    ['xayb', 'ba', 'xyba'],
    ['axb', 'anb', 'axnb'],
    ['ab', 'nab', 'nab'],
    ['ab', 'abn', 'abn'],
    ['xabz', 'bna', 'xbzna'],
  ])('puts the items of %j and %j in the order %j', (live, config, expected) => {
    const merged = mergeSpecs({ patched: items(live) }, { patched: items(config) }) as JsonObject;
    expect(letters(merged['patched'])).toBe(expected);
  });

  it('keeps the order of the configuration, and the order of what only the object has', () => {
    const lists = fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { maxLength: 8 }).map((list) => list.join(''));
    fc.assert(
      fc.property(lists, lists, (live, config) => {
        const merged = mergeSpecs({ patched: items(live) }, { patched: items(config) }) as JsonObject;
        const order = letters(merged['patched']);
        expect([...order].filter((id) => config.includes(id)).join('')).toBe(config);
        const others = [...live].filter((id) => !config.includes(id)).join('');
        expect([...order].filter((id) => !config.includes(id)).join('')).toBe(others);
      }),
    );
  });

  it('has everything that was applied, and merging it again changes nothing', () => {
    fc.assert(
      fc.property(configurations, configurations, (live, config) => {
        const merged = merge(live, config, trialStructure);
        expect(merge(merged, config, trialStructure)).toEqual(merged);
        expect(merge(merged, merged, trialStructure)).toEqual(merged);
      }),
    );
  });
});

describe('pruning', () => {
  const fields = (spec: JsonObject) => appliedFields(isHollow(spec) ? {} : { spec }, trialStructure);
  const pruned = (object: JsonObject, last: JsonObject, owned: JsonObject) =>
    prune({ spec: object }, fields(last), fields(owned), trialStructure)['spec'];

  it.each<[string, JsonObject, JsonObject, JsonObject, JsonObject | undefined]>([
    ['removes what nobody owns now', { color: 'a', count: 1 }, { color: 'a', count: 1 }, { count: 1 }, { count: 1 }],
    ['keeps what nobody ever owned', { color: 'a', count: 1 }, { color: 'a' }, {}, { count: 1 }],
    ['removes maps that become empty', { shelves: { a: {} }, count: 1 }, { shelves: { a: {} } }, {}, { count: 1 }],
    ['removes objects that become empty', { color: 'a' }, { color: 'a' }, {}, undefined],
    [
      'removes items whole, with what nobody owns in them',
      { patched: [{ id: 'a', value: 'x' }, { id: 'b' }] },
      { patched: [{ id: 'a' }] },
      {},
      { patched: [{ id: 'b' }] },
    ],
    ['removes lists that become empty', { tags: ['a'], count: 1 }, { tags: ['a'] }, {}, { count: 1 }],
    ['keeps empty lists that were empty before', { tags: [], count: 1 }, { count: 1 }, {}, { tags: [] }],
    ['removes empty maps that were applied', { shelves: {}, count: 1 }, { shelves: {} }, {}, { count: 1 }],
    ['takes whole maps as one thing', { whole: { a: 'a', b: 'b' }, count: 1 }, { whole: { a: 'a' } }, {}, { count: 1 }],
  ])('%s', (_, object, last, owned, expected) => {
    expect(pruned(object, last, owned)).toEqual(expected);
  });

  it('keeps an item of which someone owns a part, with its keys and that part', () => {
    const last = fields({ parts: [{ name: 'x', size: 1, notes: { n: '1' } }] });
    const item = 'k:{"name":"x","protocol":"tcp"}';
    const owned = setOf([['f:spec', 'f:parts', item, 'f:notes', 'f:m']]);
    const object = { spec: { parts: [{ name: 'x', size: 1, notes: { n: '1', m: '2' } }] } };
    expect(prune(object, last, owned, trialStructure)).toEqual({ spec: { parts: [{ name: 'x', notes: { m: '2' } }] } });
  });
});

it('whoever owned a part of what has become one thing owns the whole', () => {
  const set = readFieldsV1({
    'f:spec': {
      'f:args': { 'v:"a"': {}, 'v:"b"': {} },
      'f:whole': { '.': {}, 'f:a': {} },
      'f:tags': { 'v:"a"': {} },
      'f:parts': { 'k:{"name":"x","protocol":"tcp"}': { '.': {}, 'f:size': { 'f:was': {} } } },
      'f:shelves': { 'f:a': { 'f:books': {} } },
      'f:free': { 'f:a': {} },
    },
  });
  expect(writeFieldsV1(reconcile(set, trialStructure))).toEqual({
    'f:spec': {
      'f:args': {},
      'f:whole': {},
      'f:tags': { 'v:"a"': {} },
      'f:parts': { 'k:{"name":"x","protocol":"tcp"}': { '.': {}, 'f:size': {} } },
      'f:shelves': { 'f:a': { 'f:books': {} } },
      'f:free': { 'f:a': {} },
    },
  });
  const fits = readFieldsV1({ 'f:spec': { 'f:args': {} } });
  expect(reconcile(fits, trialStructure)).toBe(fits);
});
