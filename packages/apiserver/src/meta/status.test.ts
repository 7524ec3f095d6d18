import { expect, it } from 'vitest';
import { fieldError } from './field-error.ts';
import { statusErrors } from './status.ts';

it('lists many refused fields in part', () => {
  const errors = Array.from({ length: 150 }, (_, index) => fieldError.required(`spec.f${index}`));
  const { status } = statusErrors.invalid({ group: 'example.com', kind: 'Thing' }, 'a', errors);
  expect(status.details?.causes).toHaveLength(100);
  expect(status.message).toMatch(
    /^Thing\.example\.com "a" is invalid: \[spec\.f0: Required value, .*spec\.f99: .*\], and 50 more$/,
  );
  const all = statusErrors.invalid({ group: 'example.com', kind: 'Thing' }, 'a', errors.slice(0, 100));
  expect(all.message).toMatch(/spec\.f99: Required value\]$/);
});
