import { statusErrors } from '../meta/status.ts';

/** Where a list goes on: after an object, at the revision of the first page. */
export interface ContinuePosition {
  readonly revision: number;
  readonly namespace: string;
  readonly name: string;
}

const version = 'meta.k8s.io/v1';

/** The text that clients hand back to get the next page. */
export function encodeContinue(position: ContinuePosition): string {
  const start = `${position.namespace}/${position.name}`;
  return Buffer.from(JSON.stringify({ v: version, rv: position.revision, start })).toString('base64url');
}

function invalid(cause: string): Error {
  return statusErrors.badRequest(`invalid continue token: ${cause}`);
}

/** @throws StatusError 400 for a text that `encodeContinue` did not make */
export function decodeContinue(text: string): ContinuePosition {
  let token: { v?: unknown; rv?: unknown; start?: unknown };
  try {
    token = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) ?? {};
  } catch {
    throw invalid('it is not one that this server gave out; list again without it');
  }
  if (token.v !== version) throw invalid('unsupported version; list again without it');
  const { rv, start } = token;
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv < -1 || typeof start !== 'string') {
    throw invalid('its position is malformed; list again without it');
  }
  const slash = start.indexOf('/');
  if (slash < 0) throw invalid('its position is malformed; list again without it');
  return { revision: rv, namespace: start.slice(0, slash), name: start.slice(slash + 1) };
}
