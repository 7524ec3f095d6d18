import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../meta/object.ts';
import { encodeObject, encodeUnsorted, encodeValue, sameEncodedObject, sameEncodedValue } from './encode.ts';

const object = {
  kind: 'Thing',
  metadata: { resourceVersion: '7', name: 'a', creationTimestamp: null, labels: undefined },
  status: {},
  spec: { b: 1, a: [{ d: undefined, c: 'é"\n' }] },
  apiVersion: 'v1',
};

test('an object begins with what identifies it, and the rest is sorted at every depth', () => {
  expect(encodeObject(object)).toBe(
    String.raw`{"apiVersion":"v1","kind":"Thing","metadata":{"name":"a"},"spec":{"a":[{"c":"é\"\n"}],"b":1},"status":{}}`,
  );
  expect(encodeUnsorted(object)).toBe(
    String.raw`{"apiVersion":"v1","kind":"Thing","metadata":{"name":"a"},"status":{},"spec":{"b":1,"a":[{"c":"é\"\n"}]}}`,
  );
});

test.each([encodeObject, encodeUnsorted])('an object may have nothing else (%o)', (encode) => {
  const bare = { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a' } };
  expect(encode(bare)).toBe('{"apiVersion":"v1","kind":"Thing","metadata":{"name":"a"}}');
  expect(() => encode({ ...bare, kind: undefined as unknown as string })).toThrow(TypeError);
});

test.each([
  [
    'numbers, which objects order by themselves',
    { b: { 10: 'x', 9: 'y', a: 'z' } },
    '{"b":{"10":"x","9":"y","a":"z"}}',
  ],
  ['that of the prototype', JSON.parse('{"a":1,"__proto__":{"b":2}}'), '{"__proto__":{"b":2},"a":1}'],
  ['many', Object.fromEntries([...'qwertyuiopasdfghjklzxcvbnm'].map((key) => [key, 0])), undefined],
])('keys: %s', (_, value, expected) => {
  const sorted = expected ?? `{${[...'abcdefghijklmnopqrstuvwxyz'].map((key) => `"${key}":0`).join(',')}}`;
  expect(encodeValue(value)).toBe(sorted);
});

test('values that are no JSON are what JSON makes of them', () => {
  const value = { a: undefined, b: () => 1, c: [undefined, Number.NaN], d: { toJSON: () => ({ z: 1, y: 2 }) } };
  expect(encodeValue(value)).toBe('{"c":[null,null],"d":{"y":2,"z":1}}');
  expect(encodeValue(undefined)).toBe('null');
});

test('any value is read back as it was, and in whatever order its keys were, it has one text', () => {
  const reversed = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(reversed);
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, member]) => [key, reversed(member)])
        .reverse(),
    );
  };
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = encodeValue(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(encodeValue(reversed(value))).toBe(text);
    }),
  );
});

test('values are told apart as by their texts', () => {
  // Few keys and values, so that many pairs are nearly the same.
  const leaf = fc.constantFrom<unknown>(0, -0, 1, '', 'a', null, true, undefined, Number.NaN, () => 1, new Date(0));
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('value'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('value'), { maxKeys: 2 }),
    ),
  }));
  fc.assert(
    fc.property(value, value, (a, b) => {
      expect(sameEncodedValue(a, b)).toBe(encodeValue(a) === encodeValue(b));
      expect(sameEncodedValue(a, a)).toBe(true);
    }),
    { numRuns: 2000 },
  );
  const spec = { a: [{ c: 'é"\n' }], b: 1, c: undefined };
  const same = { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a', labels: {} }, spec, status: {} };
  const other: KubernetesObject = { ...same, ...{ spec: {} } };
  expect(sameEncodedObject(object, same)).toBe(true);
  expect(sameEncodedObject(object, other)).toBe(false);
  expect(sameEncodedObject(object, { ...same, kind: 'Thong' })).toBe(false);
  expect(sameEncodedObject(object, { ...same, metadata: { name: 'b' } })).toBe(false);
});
