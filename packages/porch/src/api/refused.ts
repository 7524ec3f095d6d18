import { type FieldError, type GroupKind, type StatusError, statusErrors } from '@porch/apiserver';

/** The answer to an object whose fields a storage refuses, as a strategy's refusals are answered: 400, reason Invalid. */
export function refused(kind: GroupKind, name: string, errors: readonly FieldError[]): StatusError {
  return statusErrors.invalid(kind, name, errors, 400);
}
