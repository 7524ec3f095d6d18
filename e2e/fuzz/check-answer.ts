import { parse } from 'yaml';
import type { Json } from '../harness/api-client.ts';
import type { FuzzRequest } from './fuzz-request.ts';
import type { FuzzAnswer } from './sender.ts';

/** Errors that clients are promised as plain text: paths that are none, and too many requests at once. */
const textual = new Set([404, 429]);

function isStatus(value: Json, code: number): boolean {
  return (
    value?.kind === 'Status' &&
    value.apiVersion === 'v1' &&
    value.status === 'Failure' &&
    value.code === code &&
    typeof value.message === 'string' &&
    value.message !== '' &&
    typeof value.reason === 'string' &&
    value.reason !== ''
  );
}

const readers = new Map<string, (text: string) => Json>([
  ['application/json', JSON.parse],
  ['application/yaml', (text) => parse(text)],
]);

function parsed(text: string, contentType: string): Json {
  try {
    return readers.get(contentType)?.(text);
  } catch {
    return undefined;
  }
}

function asksForYaml({ headers }: FuzzRequest): boolean {
  return Object.entries(headers).some(([name, value]) => name.toLowerCase() === 'accept' && value.includes('yaml'));
}

/** What is wrong with an answer, or undefined when it is one that a client may get. */
export function faultOf(request: FuzzRequest, { status, contentType, text }: FuzzAnswer): string | undefined {
  if (status === undefined) return undefined;
  if (status === 500) return `a 500: ${text}`;
  if (request.method === 'HEAD') return undefined;
  if (status >= 400) {
    if (textual.has(status) && contentType.startsWith('text/plain')) return undefined;
    if (!readers.has(contentType) || (contentType === 'application/yaml' && !asksForYaml(request)))
      return `a ${status} of type ${JSON.stringify(contentType)}: ${text}`;
    return isStatus(parsed(text, contentType), status) ? undefined : `a ${status} without a Status: ${text}`;
  }
  if (/[?&]watch/.test(request.target)) return undefined;
  if (contentType === 'application/json' && parsed(text, contentType) === undefined) {
    return `a ${status} that is not JSON: ${text}`;
  }
  return undefined;
}
