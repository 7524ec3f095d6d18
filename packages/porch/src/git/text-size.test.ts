import { expect, test } from 'vitest';
import { textSize } from './text-size.ts';

test.each([
  'text',
  { type: 'clone', clone: { upstreamRef: { type: 'git', git: { repo: 'https://example.com/r.git', ref: 'main' } } } },
  ['a'.repeat(1000), { b: 'c'.repeat(2000), d: [1, true, null] }],
])('the size of data is about that of its JSON: %#', (value) => {
  const exact = JSON.stringify(value).length;
  expect(Math.abs(textSize(value) - exact)).toBeLessThan(exact / 8);
});
