import { expect, it } from 'vitest';
import { traceIdOf } from './tracing.ts';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';

it.each([
  [`00-${id}-00f067aa0ba902b7-01`, id],
  [`cc-${id}-00f067aa0ba902b7-01-what-the-future-will-be-like`, id],
  [`ff-${id}-00f067aa0ba902b7-01`, undefined],
  [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, undefined],
  [`00-${id}-${'0'.repeat(16)}-01`, undefined],
  [`00-${id.toUpperCase()}-00f067aa0ba902b7-01`, undefined],
  [`00-${id}`, undefined],
  ['', undefined],
  [undefined, undefined],
])('finds the trace of %s', (header, expected) => {
  expect(traceIdOf(header)).toBe(expected);
});
