import { expect, test } from 'vitest';
import { configMapKind } from '../core/config-map.ts';
import { withStorage } from '../core/resource-kind.ts';
import { isStatusError } from '../meta/status.ts';
import { encodeContinue } from './continue-token.ts';
import { parseListOptions, parseWatchOptions } from './list-options.ts';

const definition = withStorage(configMapKind, {});
const list = (query: string) => parseListOptions(definition, 'default', new URLSearchParams(query));
const watch = (query: string) => parseWatchOptions(new URLSearchParams(query));
const token = encodeContinue({ revision: 7, namespace: 'default', name: 'a' });
const most = Number.MAX_SAFE_INTEGER;
/** As the server gives one out with a 410, to go on with what there is now. */
const later = encodeContinue({ revision: -1, namespace: 'default', name: 'a/b' });
const forged = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What is refused: the code, and the message without its beginning. */
function refused(parse: (query: string) => unknown, query: string): [number, string] {
  try {
    parse(query);
  } catch (error) {
    if (isStatusError(error))
      return [error.code, error.message.replace(/^ListOptions.meta.k8s.io "" is invalid: /, '')];
    throw error;
  }
  throw new Error(`${query} is not refused`);
}

test.each([
  ['', { limit: 0 }],
  ['limit=3&resourceVersion=5', { limit: 3, resourceVersion: 5 }],
  ['limit=-3', { limit: 0 }],
  ['limit=%2B3', { limit: 3 }],
  ['limit=9223372036854775807', { limit: most }],
  ['resourceVersion=0', { limit: 0, resourceVersion: 0 }],
  ['resourceVersion=', { limit: 0 }],
  ['resourceVersion=5&resourceVersionMatch=Exact', { limit: 0, resourceVersion: 5, resourceVersionMatch: 'Exact' }],
  [`continue=${token}`, { limit: 0, continueAfter: { revision: 7, namespace: 'default', name: 'a' } }],
  [
    `continue=${token}&resourceVersion=0`,
    { limit: 0, continueAfter: { revision: 7, namespace: 'default', name: 'a' } },
  ],
  [`continue=${later}`, { limit: 0, continueAfter: { revision: -1, namespace: 'default', name: 'a/b' } }],
  ['labelSelector=&fieldSelector=', { limit: 0 }],
])('a list takes %s', (query, options) => {
  expect(list(query)).toEqual({ namespace: 'default', ...options });
});

const number = (text: string, why = 'invalid syntax') => `strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`;
const match = (why: string) => `resourceVersionMatch: ${why}`;

test.each<[string, number, string]>([
  ['limit=ten', 400, number('ten')],
  ['limit=', 400, number('')],
  ['limit=1.5', 400, number('1.5')],
  ['limit=1_000', 400, number('1_000')],
  ['limit=0x10', 400, number('0x10')],
  ['limit=9223372036854775808', 400, number('9223372036854775808', 'value out of range')],
  [`limit=${'0'.repeat(100)}5`, 400, number(`${'0'.repeat(100)}5`, 'value out of range')],
  ['timeoutSeconds=x', 400, number('x')],
  ['resourceVersion=-1', 400, 'invalid resource version: "-1" is not a number that this server hands out'],
  ['continue=xyz', 400, 'invalid continue token: it is not one that this server gave out; list again without it'],
  [
    `continue=${forged({ v: 'meta.k8s.io/v2', rv: 7, start: 'default/a' })}`,
    400,
    'invalid continue token: unsupported version; list again without it',
  ],
  ...[null, { rv: -2 }, { rv: 1.5 }, { rv: '7' }, { start: 'a' }, { start: 7 }].map(
    (part): [string, number, string] => [
      `continue=${forged(part && { v: 'meta.k8s.io/v1', rv: 7, start: 'default/a', ...part })}`,
      400,
      `invalid continue token: ${part === null ? 'unsupported version' : 'its position is malformed'}; list again without it`,
    ],
  ),
  [`continue=${token}&resourceVersion=5`, 400, 'specifying resource version is not allowed when using continue'],
  [
    'resourceVersionMatch=Exact',
    422,
    match('Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided'),
  ],
  [
    'resourceVersion=0&resourceVersionMatch=Exact',
    422,
    match('Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
  ],
  [
    'resourceVersion=1&resourceVersionMatch=Never',
    422,
    match('Unsupported value: "Never": supported values: "Exact", "NotOlderThan", ""'),
  ],
  [
    `resourceVersion=0&resourceVersionMatch=NotOlderThan&continue=${token}`,
    422,
    match('Forbidden: resourceVersionMatch is forbidden when continue is provided'),
  ],
  ['sendInitialEvents=false', 422, 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'],
])('a list refuses %s', (query, code, message) => {
  expect(refused(list, query)).toEqual([code, message]);
});

test.each([
  ['', { start: { initial: true } }],
  ['resourceVersion=0', { start: { initial: true } }],
  ['resourceVersion=7', { start: { after: 7 } }],
  [
    'allowWatchBookmarks=&timeoutSeconds=5',
    { start: { initial: true }, bookmarks: true, markInitialEnd: true, timeoutSeconds: 5 },
  ],
  ['allowWatchBookmarks=1&resourceVersion=7', { start: { after: 7 }, bookmarks: true }],
  ['allowWatchBookmarks=False&timeoutSeconds=-5', { start: { initial: true } }],
  ['timeoutSeconds=0', { start: { initial: true } }],
  [
    'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=1',
    { start: { initial: true }, bookmarks: true, markInitialEnd: true },
  ],
  [
    'sendInitialEvents=1&resourceVersionMatch=NotOlderThan&resourceVersion=7',
    { start: { initial: true, notOlderThan: 7 } },
  ],
  ['sendInitialEvents=0&resourceVersionMatch=NotOlderThan&resourceVersion=0', { start: 'now' }],
  ['sendInitialEvents=0&resourceVersionMatch=NotOlderThan&resourceVersion=7', { start: { after: 7 } }],
])('a watch takes %s', (query, options) => {
  const usual = { bookmarks: false, markInitialEnd: false, timeoutSeconds: undefined };
  expect(watch(query)).toEqual({ ...usual, ...options });
});

const needed = 'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';

test.each<[string, number, string]>([
  ['limit=x', 400, number('x')],
  ['timeoutSeconds=', 400, number('')],
  ['resourceVersion=x', 400, 'invalid resource version: "x" is not a number that this server hands out'],
  ['sendInitialEvents=true', 422, match(needed)],
  [
    'sendInitialEvents=true&resourceVersionMatch=Exact',
    422,
    `[${match(needed)}, ${match('Unsupported value: "Exact": supported values: "NotOlderThan"')}]`,
  ],
  [
    'resourceVersionMatch=NotOlderThan&resourceVersion=1',
    422,
    match('Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'),
  ],
  [
    `sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=${token}`,
    422,
    match('Forbidden: resourceVersionMatch is forbidden when continue is provided'),
  ],
])('a watch refuses %s', (query, code, message) => {
  expect(refused(watch, query)).toEqual([code, message]);
});
