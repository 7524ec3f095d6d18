import { isUtf8 } from 'node:buffer';
import { DecodeError } from './decoding.ts';
import { scanJson } from './json-scan.ts';

/** A body read, before any schema: its value, and repeated keys. */
export interface ReadValue {
  readonly value: unknown;
  readonly problems: readonly string[];
}

function lineAndColumn(text: string, position: number): string {
  const before = text.slice(0, position).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}

/** What is wrong with the text, without quoting from it. */
function explain(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return `the body is not valid JSON at ${lineAndColumn(text, Number(position))}`;
  return /end of JSON input/.test(message)
    ? 'the body is not valid JSON: it ends too early'
    : 'the body is not valid JSON';
}

function notUtf8(): DecodeError {
  return new DecodeError('the body is not valid UTF-8');
}

/** @throws DecodeError for a request without a body */
export function requireBody(body: Buffer): void {
  if (body.length === 0) throw new DecodeError('the request has no body');
}

/** Bytes as text, or a DecodeError where they are not UTF-8. */
export function utf8Text(body: Buffer): string {
  if (!isUtf8(body)) throw notUtf8();
  return body.toString('utf8');
}

/**
 * What parsing JSON does not find: text that is not UTF-8, nesting that is too deep, and repeated keys, which are returned.
 * @throws DecodeError
 */
export function checkJson(body: Buffer): readonly string[] {
  if (!isUtf8(body)) throw notUtf8();
  return scanJson(body);
}

/** @throws DecodeError */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DecodeError(explain(text, error));
  }
}

/**
 * Reads a JSON body.
 *
 * @throws DecodeError
 */
export function readJson(body: Buffer): ReadValue {
  const problems = checkJson(body);
  return { value: parseJson(body.toString('utf8')), problems };
}
