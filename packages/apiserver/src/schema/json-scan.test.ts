import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scanJson } from './json-scan.ts';

const scan = (text: string): string[] => scanJson(Buffer.from(text));

test.each([
  ['a quote', String.raw`"\""`],
  ['a backslash', String.raw`"\\"`],
  ['backslashes, and a quote after them', String.raw`"\\\\\""`],
  ['what looks like a key', String.raw`"\",\"a\":1,\"a\":\""`],
  ['bytes of other alphabets', '"\u0122\u5c22 \u{1f600}"'],
])('%s in a string hides no repeated key behind it', (_, value) => {
  expect(scan(`{"a":${value},"b":1}`)).toEqual([]);
  expect(scan(`{"a":${value},"a":1}`)).toEqual(['duplicate field "a"']);
});

test('a key is found again in another spelling', () => {
  expect(scan(String.raw`{"sp\u00e9c":{"\"":1,"\"":2},"spéc":1}`)).toEqual([
    String.raw`duplicate field "spéc.\""`,
    'duplicate field "spéc"',
  ]);
});

test('a key is found again among many', () => {
  const keys = Array.from({ length: 50 }, (_, i) => `"k${i}":${i}`);
  expect(scan(`{${keys.join(',')}}`)).toEqual([]);
  for (const again of ['k0', 'k11', 'k12', 'k13', 'k49']) {
    expect(scan(`{"a":[{${keys.join(',')},"${again}":0}]}`)).toEqual([`duplicate field "a[0].${again}"`]);
  }
});

test('no text whose string does not end makes it fail', () => {
  for (const text of ['{"a', '{"a\\', '{"a\\"', '{"a":"\\\\\\"}']) expect(scan(text)).toEqual([]);
});

test.each([
  ['objects', '{"a":[{"b":1}', ',{"b":1}', ']}'],
  ['elements', '[[0', ',0,0', ']]'],
  ['fields', '{"a":0', ',"b":{}', '}'],
])('more than a hundred thousand %s are too much', (_, first, twice, last) => {
  const text = (count: number): string => `${first}${twice.repeat(count)}${last}`;
  expect(() => scan(text(49_000))).not.toThrow();
  expect(() => scan(text(51_000))).toThrow('the body has more than 100000 fields and elements of lists');
});

test('JSON of any value has no repeated keys', () => {
  fc.assert(fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => scan(JSON.stringify(value)).length === 0));
});
