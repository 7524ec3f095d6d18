import { expect, it } from 'vitest';
import { readJson } from '../schema/read-json.ts';
import { prepareJsonPatch } from './json-patch.ts';
import { prepareMergePatch } from './merge-patch.ts';

const apply = (value: unknown, operations: unknown, limit = 1_000_000): unknown =>
  prepareJsonPatch(readJson(Buffer.from(JSON.stringify(operations))), limit).apply(value);

it('applies operations in order and leaves its argument alone', () => {
  const value = { a: [1, 2], b: { c: 'x' } };
  const patched = apply(value, [
    { op: 'test', path: '/b/c', value: 'x' },
    { op: 'add', path: '/a/-', value: 3 },
    { op: 'remove', path: '/a/0' },
    { op: 'copy', from: '/b', path: '/d' },
    { op: 'replace', path: '/b/c', value: 'y' },
    { op: 'move', from: '/b', path: '/e' },
  ]);
  expect(patched).toEqual({ a: [2, 3], d: { c: 'x' }, e: { c: 'y' } });
  expect(value).toEqual({ a: [1, 2], b: { c: 'x' } });
});

it('takes a member that is absent for null, as Kubernetes does', () => {
  const patched = apply({ a: { b: 1 } }, [
    { op: 'test', path: '/a/x~1y', value: null },
    { op: 'replace', path: '/a/x~1y', value: 2 },
    { op: 'test', path: '/c', value: null },
  ]);
  expect(patched).toEqual({ a: { b: 1, 'x/y': 2 } });
});

it.each([
  ['a test for what is absent', { op: 'test', path: '/a/c', value: 1 }],
  ['a test for null of what is there', { op: 'test', path: '/a/b', value: null }],
  ['a test in an object that is not there', { op: 'test', path: '/c/d', value: null }],
  ['a replacement in an object that is not there', { op: 'replace', path: '/c/d', value: 1 }],
  ['a replacement beyond the end of a list', { op: 'replace', path: '/l/1', value: 1 }],
  ['a replacement of a prototype', { op: 'replace', path: '/a/__proto__', value: {} }],
])('still refuses %s', (_, operation) => {
  expect(() => apply({ a: { b: 1 }, l: [0] }, [operation])).toThrow(expect.objectContaining({ code: 422 }));
});

it('comes to the same when it is applied once more', () => {
  const operations = [
    { op: 'add', path: '/list', value: [] },
    { op: 'add', path: '/list/-', value: { a: 1 } },
    { op: 'copy', from: '/list/0', path: '/copy' },
    { op: 'add', path: '/list/0/b', value: 2 },
  ];
  const patch = prepareJsonPatch(readJson(Buffer.from(JSON.stringify(operations))), 1000);
  const expected = { list: [{ a: 1, b: 2 }], copy: { a: 1 } };
  expect([patch.apply({}), patch.apply({})]).toEqual([expected, expected]);
});

it.each<[object, unknown]>([
  [
    { op: 'add', path: '/l/0', value: 'x' },
    { l: ['x', 'a', 'b'], m: {} },
  ],
  [
    { op: 'add', path: '/l/2', value: 'x' },
    { l: ['a', 'b', 'x'], m: {} },
  ],
  [{ op: 'add', path: '', value: 1 }, 1],
  [
    { op: 'add', path: '/m/', value: 1 },
    { l: ['a', 'b'], m: { '': 1 } },
  ],
  [
    { op: 'add', path: '/m/~01~1', value: 1 },
    { l: ['a', 'b'], m: { '~1/': 1 } },
  ],
  [
    { op: 'replace', path: '/l/1', value: null },
    { l: ['a', null], m: {} },
  ],
  [
    { op: 'remove', path: '/l/0' },
    { l: ['b'], m: {} },
  ],
  [
    { op: 'move', from: '/l/0', path: '/l/1' },
    { l: ['b', 'a'], m: {} },
  ],
  [{ op: 'move', from: '/l', path: '/m/l' }, { m: { l: ['a', 'b'] } }],
  [
    { op: 'move', from: '/m', path: '/m' },
    { l: ['a', 'b'], m: {} },
  ],
  [
    { op: 'copy', from: '', path: '/m/all' },
    { l: ['a', 'b'], m: { all: { l: ['a', 'b'], m: {} } } },
  ],
  [
    { op: 'test', path: '', value: { m: {}, l: ['a', 'b'] } },
    { l: ['a', 'b'], m: {} },
  ],
])('does what %j says', (operation, patched) => {
  expect(apply({ l: ['a', 'b'], m: {} }, [operation])).toEqual(patched);
});

it.each([
  [{ op: 'add', path: '/l/3', value: 1 }, 'beyond the end'],
  [{ op: 'add', path: '/l/01', value: 1 }, 'by its number'],
  [{ op: 'add', path: '/l/a', value: 1 }, 'by its number'],
  [{ op: 'add', path: '/n/a', value: 1 }, 'a part of the path does not exist'],
  [{ op: 'add', path: '/t/a', value: 1 }, 'a part of the path does not exist'],
  [{ op: 'add', path: 'm', value: 1 }, 'begins with a slash'],
  [{ op: 'remove', path: '/l/-' }, 'there is nothing at the path'],
  [{ op: 'remove', path: '/l/2' }, 'there is nothing at the path'],
  [{ op: 'remove', path: '/toString' }, 'there is nothing at the path'],
  [{ op: 'copy', from: '/constructor', path: '/n' }, 'there is nothing at "from"'],
  [{ op: 'move', path: '/m' }, '"from" is missing'],
  [{ op: 'move', from: '/n', path: '/m' }, 'there is nothing at "from"'],
  [{ op: 'move', from: '/l', path: '/l/0' }, 'into itself'],
  [{ op: 'copy', from: '/m/n', path: '/m/o' }, 'there is nothing at "from"'],
  [{ op: 'test', path: '/l/2', value: null }, 'not the one it tests for'],
])('refuses %j', (operation, message) => {
  expect(() => apply({ l: ['a', 'b'], m: {}, t: 'text' }, [operation])).toThrow(message);
});

const long = (length: number): number[] => Array.from({ length }, () => 0);

it('moves what is long as often as a patch can say', () => {
  const moves = Array.from({ length: 9_999 }, (_, index) => ({
    op: 'move',
    from: index % 2 === 0 ? '/a' : '/b',
    path: index % 2 === 0 ? '/b' : '/a',
  }));
  expect(Object.keys(apply({ a: long(1_000_000) }, moves) as object)).toEqual(['b']);
});

it('does not make room at the beginning of a long list again and again', () => {
  const inserts = Array.from({ length: 9_999 }, () => ({ op: 'add', path: '/a/0', value: 0 }));
  expect(apply({ a: long(1000) }, inserts)).toMatchObject({ a: { length: 10_999 } });
  expect(() => apply({ a: long(1_000_000) }, inserts)).toThrow('moves too many elements of lists');
  const removals = Array.from({ length: 9_999 }, () => ({ op: 'remove', path: '/a/0' }));
  expect(() => apply({ a: long(1_000_000) }, removals)).toThrow('moves too many elements of lists');
});

it('does the same each time, whatever has become of its values', () => {
  const patch = [
    { op: 'replace', path: '/a', value: { list: [] } },
    { op: 'add', path: '/b', value: { list: [] } },
    { op: 'add', path: '/a/list/-', value: 1 },
    { op: 'add', path: '/b/list/-', value: 1 },
    { op: 'copy', from: '/a', path: '/c' },
    { op: 'add', path: '/c/list/-', value: 2 },
  ];
  const prepared = prepareJsonPatch(readJson(Buffer.from(JSON.stringify(patch))), 1000);
  const before = { a: 1 };
  for (const _ of [1, 2]) {
    expect(prepared.apply(before)).toEqual({ a: { list: [1] }, b: { list: [1] }, c: { list: [1, 2] } });
  }
  expect(before).toEqual({ a: 1 });
});

it('reports what operations do not know', () => {
  const operations = [
    { op: 'add', path: '/a', value: 1, vaule: 2 },
    { op: 'remove', path: '/a', "it's": 1 },
  ];
  const { problems } = prepareJsonPatch(readJson(Buffer.from(JSON.stringify(operations))), 1000);
  const more = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`m${index}`, 1]));
  const many = Buffer.from(JSON.stringify([{ op: 'test', path: '/a', value: 1, ...more }]));
  expect(prepareJsonPatch(readJson(many), 1000).problems).toHaveLength(100);
  expect(problems).toEqual(['json patch unknown field "[0].vaule"', 'json patch unknown field "[1].it\'s"']);
});

it.each([
  ['a failed test', [{ op: 'test', path: '/a', value: 2 }], 'the value is not the one it tests for'],
  ['a path to nowhere', [{ op: 'remove', path: '/b/c' }], 'there is nothing at the path'],
  ['an unknown operation', [{ op: 'explode', path: '/a' }], '"op" must be'],
  ['a missing value', [{ op: 'add', path: '/b' }], '"value" is missing'],
  ['prototypes', [{ op: 'add', path: '/__proto__/polluted', value: 1 }], 'cannot be applied'],
])('refuses %s', (_, operations, message) => {
  expect(() => apply({ a: 1 }, operations)).toThrow(
    expect.objectContaining({
      code: 422,
      subject: expect.stringMatching(/^operation 0/),
      message: expect.stringContaining(message),
    }),
  );
});

it('refuses what is no list of operations, and too many of them', () => {
  expect(() => apply({}, { op: 'add' })).toThrow(expect.objectContaining({ code: 400 }));
  expect(() => apply({}, [{ op: 'add' }])).toThrow(expect.objectContaining({ code: 400 }));
  const many = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/a', value: 1 }));
  expect(() => apply({ a: 1 }, many)).toThrow(expect.objectContaining({ code: 413 }));
  expect(apply({ a: 1 }, many.slice(1))).toEqual({ a: 1 });
});

it('bounds what copies add up to', () => {
  const doubling = Array.from({ length: 40 }, (_, index) => ({ op: 'copy', from: '', path: `/k${index}` }));
  expect(() => apply({ a: 'x' }, doubling, 10_000)).toThrow(/copies more than 10000 bytes/);
  const copies = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ op: 'copy', from: '/a', path: `/k${index}` }));
  const value = 'x'.repeat(998);
  expect(Object.keys(apply({ a: value }, copies(10), 10_000) as object)).toHaveLength(11);
  expect(() => apply({ a: value }, copies(11), 10_000)).toThrow(/copies more than 10000 bytes/);
});

it('merges as RFC 7386 says', () => {
  const prepare = (patch: unknown) => prepareMergePatch(readJson(Buffer.from(JSON.stringify(patch))));
  expect(prepare({ a: { b: null, c: 1 }, l: [1] }).apply({ a: { b: 1 }, l: [2, 3] })).toEqual({ a: { c: 1 }, l: [1] });
  expect(() => prepare([1])).toThrow(expect.objectContaining({ code: 400 }));
});
