import { base64Size, dataKeyErrors, type FieldError, fieldError, maxDataBytes } from '@porch/apiserver';
import type { Secret } from '../../resources/secret.ts';

/** Most bytes that all values of a Secret may have together. */
export const maxSecretSize = maxDataBytes;

const hidden = '<secret contents redacted>';
const accountAnnotation = 'kubernetes.io/service-account.name';

/** What a type of Secret must have: all keys of `all`, and one at least of `any`; what is in those of `json` is JSON. */
interface TypeRule {
  readonly all?: readonly string[];
  readonly any?: readonly string[];
  readonly json?: readonly string[];
}

const typeRules: Readonly<Record<string, TypeRule>> = {
  'kubernetes.io/basic-auth': { any: ['username', 'password'] },
  'kubernetes.io/ssh-auth': { all: ['ssh-privatekey'] },
  'kubernetes.io/tls': { all: ['tls.crt', 'tls.key'] },
  'kubernetes.io/dockercfg': { all: ['.dockercfg'], json: ['.dockercfg'] },
  'kubernetes.io/dockerconfigjson': { all: ['.dockerconfigjson'], json: ['.dockerconfigjson'] },
};

function isJson(base64: string): boolean {
  try {
    JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

/** What is wrong with the data of a Secret; no message holds any of it. */
export function secretDataErrors({ metadata, data = {}, type = 'Opaque' }: Secret): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(data)) {
    errors.push(...dataKeyErrors('data', key));
    const bytes = base64Size(value);
    if (bytes !== undefined) size += bytes;
    else errors.push(fieldError.invalid(`data[${key}]`, hidden, 'must be base64; put plain text into stringData'));
  }
  if (size > maxSecretSize) errors.push(fieldError.tooLong('data', maxSecretSize));
  const { all = [], any = [], json = [] } = typeRules[type] ?? {};
  for (const key of json) {
    if (isJson(data[key] ?? 'e30=')) continue;
    errors.push(fieldError.invalid(`data[${key}]`, hidden, `a Secret of type ${type} needs JSON there`));
  }
  if (type === 'kubernetes.io/service-account-token' && (metadata.annotations?.[accountAnnotation] ?? '') === '') {
    errors.push(fieldError.required(`metadata.annotations[${accountAnnotation}]`, 'name the service account'));
  }
  for (const key of all) {
    if (data[key] === undefined) errors.push(fieldError.required(`data[${key}]`, `a Secret of type ${type} needs it`));
  }
  if (any.length > 0 && any.every((key) => data[key] === undefined)) {
    errors.push(fieldError.required(`data[${any[0]}]`, `a Secret of type ${type} needs ${any.join(' or ')}`));
  }
  return errors;
}

/** Moves `stringData` into `data`, where values of the same key give way. */
export function mergeStringData(object: Secret): void {
  const { stringData } = object;
  if (stringData === undefined) return;
  delete object.stringData;
  for (const [key, text] of Object.entries(stringData ?? {})) {
    object.data ??= {};
    object.data[key] = Buffer.from(text, 'utf8').toString('base64');
  }
}
