import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { statusErrors } from '../meta/status.ts';
import type { AcceptClause } from '../negotiation/accept.ts';
import { formatJson } from '../negotiation/text-format.ts';

/** A complete answer, made without looking at any object. */
export interface StaticAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A document that is made once and served many times, with its entity tag. */
export interface StaticDocument {
  /** What is encoded. */
  readonly value: unknown;
  readonly body: Buffer;
  /** Hexadecimal SHA-512 of the body, upper case. */
  readonly hash: string;
  readonly contentType: string;
}

/** Encodes a document. */
export function staticDocument(value: unknown, contentType = 'application/json', indent?: number): StaticDocument {
  return encoded(value, `${JSON.stringify(value, undefined, indent)}\n`, contentType);
}

/** The same document for those who would rather read YAML. */
export function inYaml({ value }: StaticDocument): StaticDocument {
  return encoded(value, formatJson(JSON.stringify(value), 'yaml'), 'application/yaml');
}

/** The same document, indented. */
export function indented({ value, contentType }: StaticDocument): StaticDocument {
  return staticDocument(value, contentType, 2);
}

function encoded(value: unknown, text: string, contentType: string): StaticDocument {
  return binaryDocument(value, Buffer.from(text), contentType);
}

/** A document that somebody else has encoded. */
export function binaryDocument(value: unknown, body: Buffer, contentType: string): StaticDocument {
  return { value, body, hash: createHash('sha512').update(body).digest('hex').toUpperCase(), contentType };
}

const empty = Buffer.alloc(0);

/** Header of answers that clients are to ask for each time. */
export const uncached = { 'cache-control': 'no-cache, private' };

function matches(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((part) => part.trim() === '*' || part.trim().replace(/^W\//, '') === tag);
}

/** Answers with a document, or with 304 where the client has it already. */
export function answerDocument(
  document: StaticDocument,
  headers: IncomingHttpHeaders,
  extra: Readonly<Record<string, string>>,
): StaticAnswer {
  const tag = `"${document.hash}"`;
  const sent = { ...extra, etag: tag, vary: 'Accept' };
  if (matches(headers['if-none-match'], tag)) return { status: 304, headers: sent, body: empty };
  return { status: 200, headers: { 'content-type': document.contentType, ...sent }, body: document.body };
}

/** Sends the client to another address. */
export function redirect(location: string): StaticAnswer {
  return { status: 301, headers: { location, ...uncached }, body: empty };
}

/** Whether a clause of an Accept header can be answered with JSON. */
export function allowsJson({ type }: AcceptClause): boolean {
  return type === 'application/json' || type === 'application/*' || type === '*/*';
}

/** Whether a clause asks for plain YAML. */
export function isYaml({ type, parameters }: AcceptClause): boolean {
  return type === 'application/yaml' && !parameters.has('as');
}

/** The answer to a client that accepts none of what there is. */
export function notAcceptable(mediaTypes: readonly string[]): StaticAnswer {
  const { status } = statusErrors.notAcceptable(mediaTypes);
  return {
    status: 406,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(`${JSON.stringify(status)}\n`),
  };
}
