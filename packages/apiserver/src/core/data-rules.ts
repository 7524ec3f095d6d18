import { type FieldError, fieldError } from '../meta/field-error.ts';

/** Most bytes that all values of a Secret or ConfigMap may have together. */
export const maxDataBytes = 1024 * 1024;

const keyForm = /^[-._a-zA-Z0-9]+$/;
const base64Form = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** What is wrong with a key of the field `data` of a Secret or ConfigMap. */
export function dataKeyErrors(field: string, key: string): FieldError[] {
  if (key.length <= 253 && keyForm.test(key) && key !== '.' && !key.startsWith('..')) return [];
  return [
    fieldError.invalid(
      `${field}[${key}]`,
      key,
      "a valid key has at most 253 characters, which are alphanumeric, '-', '_' or '.', and is neither '.' nor begins with '..'",
    ),
  ];
}

/** Bytes that a base64 text stands for, or undefined when it is none. */
export function base64Size(text: string): number | undefined {
  if (!base64Form.test(text)) return undefined;
  return (text.length / 4) * 3 - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
}
