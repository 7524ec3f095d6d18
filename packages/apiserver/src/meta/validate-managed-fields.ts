import { type FieldError, fieldError } from './field-error.ts';
import type { ManagedFieldsEntry } from './object.ts';

/** Most bytes of a field manager's name. */
export const maxFieldManagerBytes = 128;

/** Refused managed fields entries. */
export function validateManagedFields(entries: readonly ManagedFieldsEntry[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, entry] of entries.entries()) {
    const at = `${path}[${index}]`;
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') {
      errors.push(fieldError.invalid(`${at}.operation`, entry.operation ?? '', 'must be `Apply` or `Update`'));
    }
    if ((entry.fieldsType ?? '') !== '' && entry.fieldsType !== 'FieldsV1') {
      errors.push(fieldError.invalid(`${at}.fieldsType`, entry.fieldsType, 'must be `FieldsV1`'));
    }
    if (Buffer.byteLength(entry.manager ?? '') > maxFieldManagerBytes) {
      errors.push(fieldError.tooLong(`${at}.manager`, maxFieldManagerBytes));
    }
  }
  return errors;
}
