import type { FieldError } from '../meta/field-error.ts';
import { type StatusError, statusErrors } from '../meta/status.ts';

/** Kinds of options, as their errors name them. */
export type OptionsKind = 'ListOptions' | 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions';

/** The 422 for options whose fields do not fit, or undefined when all do. */
export function optionsError(kind: OptionsKind, errors: readonly FieldError[]): StatusError | undefined {
  if (errors.length === 0) return undefined;
  return statusErrors.invalid({ group: 'meta.k8s.io', kind }, '', errors);
}
