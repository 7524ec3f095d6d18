import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparePaths } from './content-path.ts';

test('paths are ordered by their bytes, whatever characters they have', () => {
  const character = fc.constantFrom(
    'a',
    'b',
    '/',
    '-',
    '\u00e9',
    '\u4e00',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '\u{10000}',
    '\u{1f600}',
  );
  const path = fc.array(character, { maxLength: 5 }).map((characters) => characters.join(''));
  fc.assert(
    fc.property(path, path, (a, b) => {
      expect(Math.sign(comparePaths(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 2000 },
  );
});
