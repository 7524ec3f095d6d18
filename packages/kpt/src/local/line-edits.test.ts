import { array, assert, constantFrom, property } from 'fast-check';
import { expect, it } from 'vitest';
import { lineEdits } from './line-edits.ts';

const lines = array(constantFrom('a', 'b', 'c'), { maxLength: 12 });

it('makes the one text of the other', () => {
  assert(
    property(lines, lines, (before, after) => {
      const edits = lineEdits(before, after);
      const without = (sign: string) => edits.filter((edit) => edit.sign !== sign).map(({ line }) => line);
      expect(without('+')).toEqual(before);
      expect(without('-')).toEqual(after);
    }),
    { numRuns: 200 },
  );
});

it('changes as little as it can', () => {
  const shown = lineEdits(['a', 'b', 'c', 'd', 'e'], ['a', 'c', 'x', 'd', 'e']).map(({ sign, line }) => sign + line);
  expect(shown).toEqual([' a', '-b', ' c', '+x', ' d', ' e']);
});

it('shows texts that are too long to compare as a whole', () => {
  const long = (letter: string) => Array.from({ length: 2100 }, (_, index) => `${letter}${index}`);
  expect(lineEdits([...long('a'), 'same', 'x'], [...long('b'), 'same', 'y'])).toHaveLength(2 * 2102);
});
