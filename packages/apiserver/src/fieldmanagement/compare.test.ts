import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appliedFields } from './applied-fields.ts';
import { compare } from './compare.ts';
import { difference, type FieldSet, isEmptySet, pathsOf, sameSet } from './field-set.ts';
import { printPath } from './path-element.ts';
import type { JsonObject } from './shape.ts';
import { configurations, trial, trialStructure } from './trial-structure.test-support.ts';

const printed = (set: FieldSet): string[] => pathsOf(set).map(printPath);
const applied = (spec: JsonObject): string[] =>
  printed(appliedFields({ spec }, trialStructure)).map((path) => path.replace(/^\.spec/, ''));

describe('the fields that a configuration sets', () => {
  it.each<[string, JsonObject, string[]]>([
    ['scalars', { color: 'red', count: 0, port: 80 }, ['.color', '.count', '.port']],
    ['lists that are one thing', { args: ['a', 'b'] }, ['.args']],
    ['empty lists that are one thing', { args: [] }, ['.args']],
    ['maps that are one thing', { whole: { a: 'b' } }, ['.whole']],
    ['the values of sets', { tags: ['a', 'b'] }, ['.tags[="a"]', '.tags[="b"]']],
    ['nothing for an empty set', { tags: [] }, []],
    [
      'items of keyed lists, with the defaults of their keys',
      { parts: [{ name: 'x', size: 1 }] },
      [
        '.parts[name="x",protocol="tcp"]',
        '.parts[name="x",protocol="tcp"].name',
        '.parts[name="x",protocol="tcp"].size',
      ],
    ],
    ['items of lists with a merge key', { patched: [{ id: 'a' }] }, ['.patched[id="a"]', '.patched[id="a"].id']],
    ['keys of maps, and what they hold', { shelves: { s: { books: 1 } } }, ['.shelves.s', '.shelves.s.books']],
    ['empty maps', { shelves: {} }, ['.shelves']],
    ['free maps key by key, with lists in them as one thing', { free: { a: { b: [1] } } }, ['.free.a', '.free.a.b']],
    ['free values that are no maps', { free: [{ a: 1 }] }, ['.free']],
  ])('are %s', (_, spec, expected) => {
    expect(applied(spec)).toEqual(expected);
  });

  it.each<[string, JsonObject, string]>([
    ['a value twice', { tags: ['a', 'a'] }, '.spec.tags[="a"]: duplicate entries for key'],
    [
      'an item twice, also by default',
      { parts: [{ name: 'x' }, { name: 'x', protocol: 'tcp' }] },
      '.spec.parts[name="x",protocol="tcp"]: duplicate entries for key',
    ],
    ['an item without a key', { patched: [{ value: 'b' }] }, '.spec.patched[0]: the item has none of the keys'],
    ['a list in a set', { tags: [['a']] }, '.spec.tags[0]: the items of this list must be plain values'],
    ['null in a set', { tags: [null] }, '.spec.tags[0]: the items of this list must not be null'],
    ['an item that is no object', { patched: ['a'] }, '.spec.patched[0]: the items of this list must be objects'],
    ['a key that is no plain value', { patched: [{ id: {} }] }, '.spec.patched[0]: the key "id" must be a plain value'],
  ])('are refused for lists with %s', (_, spec, message) => {
    expect(() => applied(spec)).toThrow(message);
  });
});

describe('a comparison', () => {
  it.each<[string, JsonObject, JsonObject, { added?: string[]; modified?: string[]; removed?: string[] }]>([
    ['of equal objects finds nothing', { color: 'red', tags: ['a'] }, { tags: ['a'], color: 'red' }, {}],
    ['finds changed scalars', { count: 1 }, { count: 2 }, { modified: ['.count'] }],
    ['finds what is new and what is gone', { count: 1 }, { color: 'a' }, { added: ['.color'], removed: ['.count'] }],
    [
      'marks maps that are new, with their contents',
      {},
      { shelves: { s: { books: 1 } } },
      { added: ['.shelves', '.shelves.s', '.shelves.s.books'] },
    ],
    ['takes lists as one thing where they are', { args: ['a', 'b'] }, { args: ['b', 'a'] }, { modified: ['.args'] }],
    ['does not care for the order of a set', { tags: ['a', 'b'] }, { tags: ['b', 'a'] }, {}],
    [
      'goes by the keys of items',
      { parts: [{ name: 'x', size: 1 }, { name: 'y' }] },
      { parts: [{ name: 'y', size: 3 }, { name: 'z' }] },
      {
        added: [
          '.parts[name="y",protocol="tcp"].size',
          '.parts[name="z",protocol="tcp"]',
          '.parts[name="z",protocol="tcp"].name',
        ],
        removed: [
          '.parts[name="x",protocol="tcp"]',
          '.parts[name="x",protocol="tcp"].name',
          '.parts[name="x",protocol="tcp"].size',
        ],
      },
    ],
    ['of empty and no map finds the map', {}, { shelves: {} }, { added: ['.shelves'] }],
    ['of null and an empty map finds a change', { free: null }, { free: {} }, { modified: ['.free'] }],
    [
      'of a map and a scalar finds both',
      { free: { a: 1 } },
      { free: 'x' },
      { modified: ['.free'], removed: ['.free.a'] },
    ],
    [
      'of a list with repeated items goes by all of them',
      { tags: ['a', 'a'] },
      { tags: ['a'] },
      { modified: ['.tags[="a"]'] },
    ],
    [
      'knows items that do not fit by their place',
      { patched: [{ value: 'x' }] },
      { patched: [{ value: 'y' }] },
      { modified: ['.patched[0].value'] },
    ],
  ])('%s', (_, old, next, expected) => {
    const { added, modified, removed } = compare({ spec: old }, { spec: next }, trialStructure);
    const found = [added, modified, removed].map((set) => printed(set).map((path) => path.replace(/^\.spec/, '')));
    expect(found).toEqual([expected.added ?? [], expected.modified ?? [], expected.removed ?? []]);
  });

  it('turns around with its sides, and with nothing on one side has all that a configuration sets', () => {
    fc.assert(
      fc.property(configurations, configurations, (a, b) => {
        const [there, back] = [compare(a, b, trialStructure), compare(b, a, trialStructure)];
        expect(sameSet(there.added, back.removed)).toBe(true);
        expect(sameSet(there.removed, back.added)).toBe(true);
        expect(sameSet(there.modified, back.modified)).toBe(true);
        const all = compare({}, a, trialStructure).added;
        expect(isEmptySet(difference(appliedFields(a, trialStructure), all))).toBe(true);
      }),
    );
  });

  it('does not look into metadata otherwise than into the rest', () => {
    const old = trial({}, { labels: { a: '1' }, finalizers: ['x'], ownerReferences: [{ uid: 'u', name: 'n' }] });
    const next = trial({}, { labels: { a: '2' }, finalizers: ['x', 'y'], ownerReferences: [{ uid: 'u', name: 'm' }] });
    const { added, modified } = compare(old, next, trialStructure);
    expect(printed(added)).toEqual(['.metadata.finalizers[="y"]']);
    expect(printed(modified)).toEqual(['.metadata.labels.a', '.metadata.ownerReferences[uid="u"]']);
  });
});
