import { expect, it } from 'vitest';
import { createWarnings } from './warnings.ts';

it('sends each text once, quoted, without control characters', () => {
  const warnings = createWarnings();
  for (const text of ['a "b"\nc', 'a "b"\nc', '', 'd\\e']) warnings.add(text);
  expect(warnings.headers()).toEqual(['299 - "a \\"b\\" c"', '299 - "d\\\\e"']);
});

it('shortens all of them when they are long together', () => {
  const warnings = createWarnings();
  for (let index = 0; index < 12; index++) warnings.add(`${index} ${'x'.repeat(400)}`);
  expect(warnings.headers()).toHaveLength(12);
  for (const value of warnings.headers()) expect(value.length).toBe('299 - ""'.length + 256);
});

it('leaves out what is too much even so', () => {
  const warnings = createWarnings();
  for (let index = 0; index < 100; index++) warnings.add(`${index} ${'ü'.repeat(400)}`);
  const values = warnings.headers();
  expect(values.length).toBeGreaterThan(5);
  expect(values.join().length).toBeLessThan(5000);
});
