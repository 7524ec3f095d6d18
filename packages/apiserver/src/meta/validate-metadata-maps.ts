import { type FieldError, fieldError } from './field-error.ts';
import { labelValueErrors, qualifiedNameErrors } from './names.ts';

/** Most bytes of all keys and values of an object's annotations. */
export const maxAnnotationBytes = 256 * 1024;

/** Bytes of all keys and values of annotations. */
export function annotationBytes(annotations: Readonly<Record<string, string>>): number {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  return bytes;
}

/** Refused labels. */
export function validateLabels(labels: Readonly<Record<string, string>>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels)) {
    for (const detail of qualifiedNameErrors(key)) errors.push(fieldError.invalid(path, key, detail));
    for (const detail of labelValueErrors(value)) errors.push(fieldError.invalid(path, value, detail));
  }
  return errors;
}

/** Refused annotations. Keys may have upper-case letters in their prefix; values are free, within the total size. */
export function validateAnnotations(annotations: Readonly<Record<string, string>>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of Object.keys(annotations)) {
    for (const detail of qualifiedNameErrors(key.toLowerCase())) errors.push(fieldError.invalid(path, key, detail));
  }
  if (annotationBytes(annotations) > maxAnnotationBytes) errors.push(fieldError.tooLong(path, maxAnnotationBytes));
  return errors;
}

/** Refused finalizers. */
export function validateFinalizers(finalizers: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const finalizer of finalizers) {
    for (const detail of qualifiedNameErrors(finalizer)) errors.push(fieldError.invalid(path, finalizer, detail));
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(fieldError.invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}
