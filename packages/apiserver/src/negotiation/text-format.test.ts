import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatJson } from './text-format.ts';

const inYaml = (value: unknown): string => formatJson(JSON.stringify(value), 'yaml');

describe('YAML', () => {
  it.each(['yes', 'No', 'on', 'off', 'y', 'N', '010', '0b1', '1_000', '1:30', '12:30:45', '2020-01-01', '~', '.inf'])(
    'has %j as a text also for readers of version 1.1, as a value and as a key',
    (text) => {
      const value = { data: { [text]: text } };
      const yaml = inYaml(value);
      expect(parse(yaml, { version: '1.1' })).toEqual(value);
      expect(parse(yaml, { version: '1.2' })).toEqual(value);
    },
  );

  it.each(['\u2028', '\u2029', '\u0085', '\ufeff', '\u007f', '\ufffe'])(
    'escapes %j, which readers of version 1.1 take for the end of a line or refuse',
    (character) => {
      const value = { data: { [`a${character}b`]: `c${character}\nd\n` } };
      const yaml = inYaml(value);
      expect(yaml).not.toContain(character);
      expect(parse(yaml)).toEqual(value);
    },
  );

  it.each(['\ta\n\tb\n', '\n\ta\n'])('makes no block of %j, whose tab would be taken for indentation', (text) => {
    const yaml = inYaml({ text });
    expect(yaml).not.toMatch(/\t/);
    expect(parse(yaml)).toEqual({ text });
  });

  it('leaves texts plain that nobody takes for anything else', () => {
    expect(inYaml({ a: 'yesterday', b: 'x: y\nz\n' })).toBe('a: yesterday\nb: |\n  x: y\n  z\n');
  });
});
