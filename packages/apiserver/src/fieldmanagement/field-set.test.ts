import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  difference,
  emptySet,
  type FieldSet,
  intersection,
  isEmptySet,
  pathsOf,
  sameSet,
  setOf,
  union,
  within,
  without,
} from './field-set.ts';
import { readFieldsV1, writeFieldsV1 } from './fields-v1.ts';
import type { PathElement } from './path-element.ts';
import { printPath } from './path-element.ts';

const elements = fc.oneof(
  fc.constantFrom('f:a', 'f:b', 'f:.', 'f:__proto__', 'f:', 'v:"x"', 'v:1', 'v:true', 'i:0', 'i:12'),
  fc.constantFrom('k:{"name":"x"}', 'k:{"name":"x","port":80}'),
);
const paths = fc.array(elements, { minLength: 1, maxLength: 4 });
const sets = fc.array(paths, { maxLength: 12 }).map((list) => ({ set: setOf(list), list }));

const text = (path: readonly PathElement[]): string => JSON.stringify(path);
const naive = (set: FieldSet): Set<string> => new Set(pathsOf(set).map(text));
const below = (path: readonly PathElement[], set: Set<string>): boolean =>
  path.some((_, index) => set.has(text(path.slice(0, index + 1))));

describe('a set of fields', () => {
  it('has the paths that were put into it, each once', () => {
    fc.assert(
      fc.property(sets, ({ set, list }) => {
        expect(pathsOf(set).map(text).sort()).toEqual([...new Set(list.map(text))].sort());
        expect(isEmptySet(set)).toBe(list.length === 0);
      }),
    );
  });

  it('can be written as FieldsV1 and read again', () => {
    fc.assert(
      fc.property(sets, ({ set }) => {
        const json: unknown = JSON.parse(JSON.stringify(writeFieldsV1(set)));
        expect(sameSet(readFieldsV1(json), set)).toBe(true);
      }),
    );
  });

  it('is combined as sets of paths are', () => {
    fc.assert(
      fc.property(sets, sets, ({ set: a }, { set: b }) => {
        const [inA, inB] = [naive(a), naive(b)];
        const all = [...pathsOf(a), ...pathsOf(b)];
        const check = (result: FieldSet, wanted: (path: PathElement[]) => boolean) =>
          expect([...naive(result)].sort()).toEqual([...new Set(all.filter(wanted).map(text))].sort());
        check(union(a, b), () => true);
        check(intersection(a, b), (path) => inA.has(text(path)) && inB.has(text(path)));
        check(difference(a, b), (path) => inA.has(text(path)) && !inB.has(text(path)));
        check(without(a, b), (path) => inA.has(text(path)) && !below(path, inB));
        check(within(a, b), (path) => inA.has(text(path)) && below(path, inB));
        expect(sameSet(a, b)).toBe(JSON.stringify([...inA].sort()) === JSON.stringify([...inB].sort()));
      }),
    );
  });

  it('lists fields, keyed items, values and places in this order', () => {
    const set = setOf([['i:10'], ['i:9'], ['v:1'], ['k:{"a":1}'], ['f:b'], ['f:a', 'f:c'], ['f:a']]);
    expect(pathsOf(set).map(printPath)).toEqual(['.a', '.a.c', '.b', '[a=1]', '[=1]', '[9]', '[10]']);
  });
});

describe('FieldsV1', () => {
  it('marks paths that end where others go on', () => {
    const json = { 'f:labels': { '.': {}, 'f:a': {} }, 'f:spec': { 'f:x': {} } };
    const set = readFieldsV1(json);
    expect(pathsOf(set).map(printPath)).toEqual(['.labels', '.labels.a', '.spec.x']);
    expect(writeFieldsV1(set)).toEqual(json);
  });

  it('drops what it does not know and reads keys in any order', () => {
    const set = readFieldsV1({ 'x:what': { 'f:a': {} }, 'k:{"port": 80, "name": "x"}': {}, 'f:a': { 'x:b': {} } });
    expect(pathsOf(set)).toEqual([['k:{"name":"x","port":80}']]);
    expect(readFieldsV1({})).toBe(emptySet);
  });

  it.each([
    ['a set that is no object', 1],
    ['a list', []],
    ['something that is no object below a field', { 'f:a': 1 }],
    ['keys that are no JSON', { 'k:{name}': {} }],
    ['keys that are no object', { 'k:1': {} }],
    ['a value that is no JSON', { 'v:x': {} }],
    ['a place that is no number', { 'i:-1': {} }],
  ])('refuses %s', (_, json) => {
    expect(() => readFieldsV1(json)).toThrow(SyntaxError);
  });
});
