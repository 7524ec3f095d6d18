import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget, defaultLimits } from '../limits.ts';
import { firstOccurrence, lastOccurrence, occurrences } from './text-search.ts';

const budget = new Budget({
  ...defaultLimits,
  maxSteps: Number.POSITIVE_INFINITY,
  maxMemory: Number.POSITIVE_INFINITY,
});

/** Texts that repeat themselves, so that much of what is wanted is found often. */
const repetitive = fc
  .tuple(
    fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 5 }),
    fc.nat(80),
    fc.constantFrom('', 'a', 'c', '😿'),
  )
  .map(([part, times, rest]) => part.repeat(times) + rest);

describe('the search for a text', () => {
  it('finds what the engine finds, whatever the lengths', () => {
    fc.assert(
      fc.property(fc.array(repetitive, { maxLength: 4 }), repetitive, fc.nat(100), (texts, wanted, from) => {
        const text = texts.join('');
        const start = Math.min(from, text.length);
        expect(firstOccurrence(text, wanted, start, budget)).toBe(text.indexOf(wanted, start));
        expect(lastOccurrence(text, wanted, budget)).toBe(text.lastIndexOf(wanted));
        if (wanted === '') return;
        const parts = text.split(wanted);
        expect([...occurrences(text, wanted, budget)]).toHaveLength(parts.length - 1);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 500) },
    );
  });

  it('finds a long text at both ends', () => {
    const wanted = 'ab'.repeat(50);
    expect(firstOccurrence(wanted, wanted, 0, budget)).toBe(0);
    expect(firstOccurrence(`x${wanted}ab`, wanted, 2, budget)).toBe(3);
    expect(lastOccurrence(`${wanted}ab`, wanted, budget)).toBe(2);
    expect(firstOccurrence('a', wanted, 0, budget)).toBe(-1);
    expect([...occurrences(wanted.repeat(3), wanted, budget)]).toEqual([0, 100, 200]);
  });
});
