import { expect, it } from 'vitest';
import { createWarnings } from './warnings.ts';

it('sends each text once, quoted, without control characters', () => {
  const warnings = createWarnings();
  for (const text of ['a "b"\nc', 'a "b"\nc', '', 'd\\e']) warnings.add(text);
  expect(warnings.headers()).toEqual(['299 - "a \\"b\\" c"', '299 - "d\\\\e"']);
});

it('shortens all of them when they are long together', () => {
  const warnings = createWarnings();
  for (let index = 0; index < 20; index++) warnings.add(`${index} ${'x'.repeat(400)}`);
  for (const value of warnings.headers()) expect(value.length).toBe('299 - ""'.length + 256);
});
