import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldSelector, parseFieldSelector } from './field-selector.ts';

describe('parseFieldSelector', () => {
  it.each([
    ['', []],
    [',', []],
    ['a=b', [{ field: 'a', operator: '=', value: 'b' }]],
    ['spec.repository==git,', [{ field: 'spec.repository', operator: '=', value: 'git' }]],
    [
      'a!=b,c=',
      [
        { field: 'a', operator: '!=', value: 'b' },
        { field: 'c', operator: '=', value: '' },
      ],
    ],
    ['a=b\\,c\\=d\\\\', [{ field: 'a', operator: '=', value: 'b,c=d\\' }]],
  ])('reads %j', (text, requirements) => {
    expect(parseFieldSelector(text).requirements).toEqual(requirements);
  });

  it.each([
    ['x', "invalid selector: 'x'; can't understand 'x'"],
    ['a=b,x', "invalid selector: 'a=b,x'; can't understand 'x'"],
    ['a>b', "invalid selector: 'a>b'; can't understand 'a>b'"],
    ['a=\\x', 'invalid field selector: invalid escape sequence: \\x'],
    ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
    ['a=b=c', 'invalid field selector: unescaped character in value: ='],
  ])('refuses %j', (text, message) => {
    expect(() => parseFieldSelector(text)).toThrow(message);
    expect(() => parseFieldSelector(text)).toThrow(expect.objectContaining({ code: 400 }));
  });

  it('takes an absent field as empty', () => {
    expect(parseFieldSelector('a=').matches({})).toBe(true);
    expect(parseFieldSelector('a!=b').matches({})).toBe(true);
    expect(parseFieldSelector('constructor=').matches({})).toBe(true);
  });

  it('may not have more requirements than are checked in no time', () => {
    const text = (count: number): string => Array.from({ length: count }, (_, index) => `a!=${index}`).join(',');
    expect(parseFieldSelector(text(256)).requirements).toHaveLength(256);
    expect(() => parseFieldSelector(text(257))).toThrow(expect.objectContaining({ code: 400 }));
  });

  const field = fc.constantFrom('a', 'spec.b', 'metadata.name');
  const value = fc.oneof(fc.constantFrom('', 'v', 'a,b', '=\\'), fc.string());
  const terms = fc.array(fc.record({ field, operator: fc.constantFrom('=' as const, '!=' as const), value }));

  it('agrees with a naive evaluation, also after printing and parsing', () => {
    fc.assert(
      fc.property(terms, fc.dictionary(field, value), (requirements, fields) => {
        const wanted = requirements.every((r) => ((fields[r.field] ?? '') === r.value) === (r.operator === '='));
        const selector = fieldSelector(requirements);
        expect(selector.matches(fields)).toBe(wanted);
        const again = parseFieldSelector(selector.toString());
        expect(again.requirements).toEqual(requirements);
        expect(again.matches(fields)).toBe(wanted);
      }),
    );
  });
});
