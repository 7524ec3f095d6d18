import type { SeededRandom } from '../harness/seeded-random.ts';

/** Texts that have broken parsers before. None of them is the name of a host. */
export const texts: readonly string[] = [
  '',
  ' ',
  '\u0000',
  '\r\nx-injected: yes',
  '../../../../etc/passwd',
  '..%2f..%2f',
  '%',
  '%zz',
  '%00',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'true',
  'NaN',
  '0',
  '-1',
  '00',
  '1e400',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '9007199254740993',
  '0x10',
  'ä€😀',
  '\ud800',
  '\u202e',
  '\u2028',
  '<script>',
  '"',
  "'",
  '\\',
  '{}',
  '[]',
  '&a *a',
  '!!js/function',
  '$(id)',
  '--upload-pack=id',
  'file:///etc/passwd',
  'ext::sh -c id',
  'http://127.0.0.1:1/x.git',
  'a'.repeat(254),
  'a'.repeat(5000),
  `${'a'.repeat(40)}!`,
  '.'.repeat(300),
  '2025-13-45T99:99:99Z',
  '0000-00-00T00:00:00Z',
  'refs/heads/x..y',
  'a/b/c',
  'a..b',
  '.git/config',
];

/** Values that a field of any type may be set to. */
export const values: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  -1e308,
  2 ** 53,
  [],
  [null],
  [[]],
  {},
  { toString: 1, valueOf: 1 },
  { toJSON: 1 },
  { length: 5 },
  { __proto__x: 1, constructor: { prototype: { polluted: true } } },
  ['All', 'All'],
  ...texts,
];

/** A value nested so deeply that recursion has to end somewhere. */
export function deep(depth: number, kind: 'list' | 'object'): string {
  return kind === 'list' ? '['.repeat(depth) + ']'.repeat(depth) : '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
}

/** Random bytes. */
export function noise(random: SeededRandom, most: number): Buffer {
  return Buffer.from(Array.from({ length: random.integer(0, most) }, () => random.integer(0, 255)));
}
