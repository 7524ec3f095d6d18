import { queryBoolean } from '../http/request-info.ts';
import { type FieldError, fieldError } from '../meta/field-error.ts';
import { maxFieldManagerBytes } from '../meta/validate-managed-fields.ts';
import { type OptionsKind, optionsError } from './option-errors.ts';
import type { WriteOptions } from './resource.ts';

/** What is done about unknown and duplicate fields of a body. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** Options of create, update and patch. */
export interface ParsedWriteOptions extends WriteOptions {
  readonly fieldValidation: FieldValidation;
  /** Whether a server-side apply takes fields from other managers. */
  readonly force: boolean;
}

const validations: readonly FieldValidation[] = ['Ignore', 'Warn', 'Strict'];

/** Refused values of `dryRun`. The only one there is is `All`: what is misspelt or left empty must not become a real write. */
export function dryRunErrors(values: readonly string[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [fieldError.notSupported('dryRun', values, ['All'])];
}

/** Refused values of `fieldManager`. */
function fieldManagerErrors(manager: string): FieldError[] {
  const errors: FieldError[] = [];
  if (Buffer.byteLength(manager) > maxFieldManagerBytes)
    errors.push(fieldError.tooLong('fieldManager', maxFieldManagerBytes));
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(manager)) {
    errors.push(fieldError.invalid('fieldManager', manager, 'should only contain printable characters'));
  }
  return errors;
}

/** The manager of a request that does not name one: the User-Agent up to its first slash. */
export function defaultFieldManager(userAgent: string): string {
  const name = (userAgent.split('/', 1)[0] ?? '').replace(/[^\x20-\x7e]/g, '').slice(0, maxFieldManagerBytes);
  return name === '' ? 'unknown' : name;
}

/**
 * Options of a write, from the query. `isApply`: of a server-side apply.
 * @throws StatusError 422
 */
export function parseWriteOptions(
  kind: Exclude<OptionsKind, 'ListOptions' | 'DeleteOptions'>,
  query: URLSearchParams,
  userAgent: string,
  isApply = false,
): ParsedWriteOptions {
  const dryRun = query.getAll('dryRun');
  const manager = query.get('fieldManager') ?? '';
  const validation = query.get('fieldValidation') ?? '';
  const errors = [...fieldManagerErrors(manager), ...dryRunErrors(dryRun)];
  const known = validations.find((value) => value === validation);
  if (known === undefined && validation !== '') {
    errors.push(fieldError.notSupported('fieldValidation', validation, ['', 'Ignore', 'Strict', 'Warn']));
  }
  if (kind === 'PatchOptions' && !isApply && query.has('force')) {
    errors.push(fieldError.forbidden('force', 'may not be specified for non-apply patch'));
  }
  if (isApply && manager === '') errors.push(fieldError.required('fieldManager', 'is required for apply patch'));
  const error = optionsError(kind, errors);
  if (error !== undefined) throw error;
  return {
    dryRun: dryRun.length > 0,
    fieldManager: manager === '' ? defaultFieldManager(userAgent) : manager,
    fieldValidation: known ?? 'Warn',
    force: isApply && queryBoolean(query, 'force'),
  };
}
