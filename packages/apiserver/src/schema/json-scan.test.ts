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

test('no text whose string does not end makes it fail', () => {
  for (const text of ['{"a', '{"a\\', '{"a\\"', '{"a":"\\\\\\"}']) expect(scan(text)).toEqual([]);
});

test('JSON of any value has no repeated keys', () => {
  fc.assert(fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => scan(JSON.stringify(value)).length === 0));
});
