import { isDeepStrictEqual } from 'node:util';
import { type FieldError, fieldError, type Strategy } from '@porch/apiserver';
import type { Secret } from '../../resources/secret.ts';
import { secretDataErrors } from './data-rules.ts';

function immutableErrors(object: Secret, old: Secret): FieldError[] {
  const errors: FieldError[] = [];
  if (object.type !== old.type) errors.push(fieldError.invalid('type', object.type ?? '', 'field is immutable'));
  if (old.immutable !== true) return errors;
  if (object.immutable !== true) {
    errors.push(fieldError.forbidden('immutable', 'field is immutable when `immutable` is set'));
  }
  if (!isDeepStrictEqual({ ...object.data }, { ...old.data })) {
    errors.push(fieldError.forbidden('data', 'field is immutable when `immutable` is set'));
  }
  return errors;
}

/** The rules of Secrets, as Kubernetes has them. */
export const secretStrategy: Strategy<Secret> = {
  prepareForCreate(_context, object) {
    object.type ||= 'Opaque';
  },
  validate: (_context, object) => secretDataErrors(object),
  prepareForUpdate(_context, object, old) {
    object.type ||= old.type ?? 'Opaque';
  },
  validateUpdate: (_context, object, old) => [...immutableErrors(object, old), ...secretDataErrors(object)],
  allowUnconditionalUpdate: true,
};
