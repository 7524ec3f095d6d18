import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelSelector, parseLabelSelector } from './label-selector.ts';
import type { LabelRequirement } from './selector.ts';
import { StatusError } from './status.ts';

describe('parseLabelSelector', () => {
  it.each<[string, string, readonly LabelRequirement[]]>([
    ['', '', []],
    ['  ', '', []],
    ['a', 'a', [{ key: 'a', operator: 'exists', values: [] }]],
    ['!a', '!a', [{ key: 'a', operator: '!', values: [] }]],
    ['! a', '!a', [{ key: 'a', operator: '!', values: [] }]],
    ['a=b', 'a=b', [{ key: 'a', operator: '=', values: ['b'] }]],
    ['a == b', 'a=b', [{ key: 'a', operator: '=', values: ['b'] }]],
    ['a!=b', 'a!=b', [{ key: 'a', operator: '!=', values: ['b'] }]],
    ['a=', 'a=', [{ key: 'a', operator: '=', values: [''] }]],
    [
      'a!=,b',
      'a!=,b',
      [
        { key: 'a', operator: '!=', values: [''] },
        { key: 'b', operator: 'exists', values: [] },
      ],
    ],
    ['a in (c,b,c)', 'a in (b,c)', [{ key: 'a', operator: 'in', values: ['b', 'c'] }]],
    ['a notin(b)', 'a notin (b)', [{ key: 'a', operator: 'notin', values: ['b'] }]],
    ['a in (,b)', 'a in (,b)', [{ key: 'a', operator: 'in', values: ['', 'b'] }]],
    ['a in ()', 'a in ()', [{ key: 'a', operator: 'in', values: [''] }]],
    ['a notin (,)', 'a notin ()', [{ key: 'a', operator: 'notin', values: [''] }]],
    ['a in (b,)', 'a in (,b)', [{ key: 'a', operator: 'in', values: ['', 'b'] }]],
    [
      'a>1,b<2',
      'a>1,b<2',
      [
        { key: 'a', operator: 'gt', values: ['1'] },
        { key: 'b', operator: 'lt', values: ['2'] },
      ],
    ],
    [
      'z=1,a=2',
      'a=2,z=1',
      [
        { key: 'a', operator: '=', values: ['2'] },
        { key: 'z', operator: '=', values: ['1'] },
      ],
    ],
    ['in in (in,notin)', 'in in (in,notin)', [{ key: 'in', operator: 'in', values: ['in', 'notin'] }]],
    ['example.com/x=y', 'example.com/x=y', [{ key: 'example.com/x', operator: '=', values: ['y'] }]],
  ])('reads %j', (text, canonical, requirements) => {
    const selector = parseLabelSelector(text);
    expect(selector.requirements).toEqual(requirements);
    expect(selector.toString()).toBe(canonical);
    expect(parseLabelSelector(canonical).requirements).toEqual(requirements);
  });

  it.each([
    [',', "found ',', expected: !, identifier, or 'end of string'"],
    ['a,', "found '', expected: identifier after ','"],
    ['a,,b', "found ',', expected: identifier after ','"],
    ['!', "found '', expected: identifier"],
    ['!a=b', "found '=', expected: ',' or 'end of string'"],
    ['a b', "found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['a=(b)', "found '(', expected: identifier"],
    ['a in b', "found 'b', expected: '('"],
    ['a in (b', "found '', expected: ',' or ')'"],
    ['a in (b c)', "found 'c', expected: ',' or ')'"],
    ['a>x', 'the value must be an integer'],
    ['-a=b', 'key: Invalid value: "-a": name part must consist of'],
    ['a=b/c', 'values[0][a]: Invalid value: "b/c": a valid label must be'],
  ])('refuses %j', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(StatusError);
    expect(() => parseLabelSelector(text)).toThrow(message);
    expect(() => parseLabelSelector(text)).toThrow(/^unable to parse requirement: /);
  });

  it('compares numbers beyond the safe integers exactly, and never matches what is no number', () => {
    const selector = parseLabelSelector('n>9007199254740992');
    expect(selector.matches({ n: '9007199254740993' })).toBe(true);
    expect(selector.matches({ n: '9007199254740992' })).toBe(false);
    expect(selector.matches({ n: 'many' })).toBe(false);
    expect(selector.matches({})).toBe(false);
  });

  it('does not take inherited properties for labels', () => {
    expect(parseLabelSelector('constructor').matches({})).toBe(false);
    expect(parseLabelSelector('toString!=a').matches({})).toBe(true);
  });

  const key = fc.constantFrom('a', 'b', 'x.y/c');
  const value = fc.constantFrom('', '1', '2', 'q', '007', '9007199254740993');
  const number = fc.constantFrom('0', '1', '7', '9007199254740992');
  const terms = fc.array(
    fc.oneof(
      fc.record({ key, operator: fc.constantFrom('exists' as const, '!' as const), values: fc.constant([]) }),
      fc.record({ key, operator: fc.constantFrom('=' as const, '!=' as const), values: fc.tuple(value) }),
      fc.record({
        key,
        operator: fc.constantFrom('in' as const, 'notin' as const),
        values: fc.uniqueArray(value, { minLength: 1 }).map((v) => v.sort()),
      }),
      fc.record({ key, operator: fc.constantFrom('gt' as const, 'lt' as const), values: fc.tuple(number) }),
    ),
    { maxLength: 4 },
  );

  function naive(r: LabelRequirement, labels: Record<string, string>): boolean {
    const found = Object.entries(labels).filter(([k]) => k === r.key);
    if (r.operator === 'exists') return found.length === 1;
    if (r.operator === '!') return found.length === 0;
    if (r.operator === 'gt' || r.operator === 'lt') {
      const bounds = r.values.map(BigInt);
      const numbers = found.filter(([, v]) => /^-?[0-9]+$/.test(v)).map(([, v]) => BigInt(v));
      return numbers.some((n) => bounds.some((bound) => (r.operator === 'gt' ? n > bound : n < bound)));
    }
    const hit = found.some(([, v]) => r.values.some((w) => w === v));
    return r.operator === '=' || r.operator === 'in' ? hit : !hit;
  }

  it('agrees with a naive evaluation, also after printing and parsing', () => {
    fc.assert(
      fc.property(terms, fc.dictionary(key, value), (requirements, labels) => {
        const wanted = requirements.every((r) => naive(r, labels));
        const selector = labelSelector(requirements);
        expect(selector.matches(labels)).toBe(wanted);
        expect(parseLabelSelector(selector.toString()).matches(labels)).toBe(wanted);
      }),
    );
  });

  it('throws nothing but a 400 for any text', () => {
    const text = fc
      .array(fc.constantFrom('a', 'in', ' ', '(', ')', ',', '=', '!', '>', '1', 'é', '\\'))
      .map((p) => p.join(''));
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (input) => {
        try {
          parseLabelSelector(input);
        } catch (error) {
          expect(error).toMatchObject({ code: 400 });
        }
      }),
    );
  });
});

describe('large selectors', () => {
  const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `v${index}`);

  it('may name many values', () => {
    const text = names(2000).join(',');
    expect(parseLabelSelector(`a in (${text})`).matches({ a: 'v1999' })).toBe(true);
    expect(parseLabelSelector(`a in (${text})`).matches({ a: 'v2000' })).toBe(false);
    expect(parseLabelSelector(`a notin (${text})`).matches({ a: 'v1999' })).toBe(false);
    expect(parseLabelSelector(`a notin (${text})`).matches({})).toBe(true);
  });

  it('may not have more requirements than are checked in no time', () => {
    expect(parseLabelSelector(names(256).join(',')).requirements).toHaveLength(256);
    expect(() => parseLabelSelector(names(257).join(','))).toThrow(/more than 256 requirements/);
    expect(() => parseLabelSelector(`${names(257).join(',')},!!`)).toThrow(/more than 256 requirements/);
  });
});
