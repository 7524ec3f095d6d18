import { queryBoolean } from '../http/request-info.ts';
import { type FieldError, fieldError } from '../meta/field-error.ts';
import { statusErrors } from '../meta/status.ts';
import { decodeContinue } from './continue-token.ts';
import { optionsError } from './option-errors.ts';
import { parseResourceVersion, queryInteger } from './query-number.ts';
import type { AnyResourceDefinition, ListOptions } from './resource.ts';
import { parseSelectors } from './selector-query.ts';

type Match = 'Exact' | 'NotOlderThan';
const matches: readonly Match[] = ['Exact', 'NotOlderThan'];

/** Errors of `resourceVersionMatch` and what goes with it, for a list that is not a watch. */
function matchErrors(query: URLSearchParams, match: string, resourceVersion: number | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const forbid = (field: string, detail: string): void => void errors.push(fieldError.forbidden(field, detail));
  if (query.has('sendInitialEvents')) {
    forbid('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  }
  if (match === '') return errors;
  if (resourceVersion === undefined) {
    forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided');
  }
  if ((query.get('continue') ?? '') !== '') {
    forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided');
  }
  if (!matches.some((known) => known === match)) {
    errors.push(fieldError.notSupported('resourceVersionMatch', match, [...matches, '']));
  } else if (match === 'Exact' && resourceVersion === 0) {
    forbid('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  return errors;
}

/**
 * Options of a list or deletecollection.
 * @throws StatusError 400 or 422
 */
export function parseListOptions(
  definition: AnyResourceDefinition,
  namespace: string,
  query: URLSearchParams,
): ListOptions {
  const limit = Math.max(0, queryInteger(query, 'limit') ?? 0);
  queryInteger(query, 'timeoutSeconds');
  const resourceVersion = parseResourceVersion(query.get('resourceVersion'));
  const match = query.get('resourceVersionMatch') ?? '';
  const error = optionsError('ListOptions', matchErrors(query, match, resourceVersion));
  if (error !== undefined) throw error;
  const token = query.get('continue') ?? '';
  if (token !== '' && resourceVersion !== undefined && resourceVersion !== 0) {
    throw statusErrors.badRequest('specifying resource version is not allowed when using continue');
  }
  const known = matches.find((candidate) => candidate === match);
  return {
    ...(namespace === '' ? {} : { namespace }),
    ...parseSelectors(definition, namespace, query),
    limit,
    ...(token === '' ? {} : { continueAfter: decodeContinue(token) }),
    ...(resourceVersion === undefined || token !== '' ? {} : { resourceVersion }),
    ...(known === undefined ? {} : { resourceVersionMatch: known }),
  };
}

/** Where a watch begins, as the client asked for it; `now` is a stream without any current state. */
export type WatchStart =
  | { readonly after: number }
  | { readonly initial: true; readonly notOlderThan?: number }
  | 'now';

/** Options of a watch. */
export interface ParsedWatchOptions {
  readonly start: WatchStart;
  /** Whether a bookmark marks the end of the initial events. */
  readonly markInitialEnd: boolean;
  readonly bookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

function watchErrors(query: URLSearchParams, match: string, asked: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const forbid = (detail: string): void => void errors.push(fieldError.forbidden('resourceVersionMatch', detail));
  if (asked && match !== 'NotOlderThan') {
    forbid('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (match === '') return errors;
  if (!asked) forbid('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  if (match !== 'NotOlderThan') {
    errors.push(fieldError.notSupported('resourceVersionMatch', match, ['NotOlderThan']));
  }
  if ((query.get('continue') ?? '') !== '') forbid('resourceVersionMatch is forbidden when continue is provided');
  return errors;
}

/**
 * Options of a watch, without its selectors.
 * @throws StatusError 400 or 422
 */
export function parseWatchOptions(query: URLSearchParams): ParsedWatchOptions {
  queryInteger(query, 'limit');
  const match = query.get('resourceVersionMatch') ?? '';
  const asked = query.has('sendInitialEvents');
  const error = optionsError('ListOptions', watchErrors(query, match, asked));
  if (error !== undefined) throw error;
  const resourceVersion = parseResourceVersion(query.get('resourceVersion')) ?? 0;
  const initial = asked ? queryBoolean(query, 'sendInitialEvents') : resourceVersion === 0;
  const start = (): WatchStart => {
    if (initial) return { initial: true, ...(resourceVersion === 0 ? {} : { notOlderThan: resourceVersion }) };
    return resourceVersion === 0 ? 'now' : { after: resourceVersion };
  };
  const timeoutSeconds = queryInteger(query, 'timeoutSeconds');
  const bookmarks = queryBoolean(query, 'allowWatchBookmarks');
  return {
    start: start(),
    markInitialEnd: initial && bookmarks,
    bookmarks,
    timeoutSeconds: timeoutSeconds === undefined || timeoutSeconds <= 0 ? undefined : timeoutSeconds,
  };
}
