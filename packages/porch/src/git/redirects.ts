/**
 * Redirects of Git servers: of a repository that was renamed, of an address without `.git`, of one with http in place of https. Git itself
 * follows all or none, and takes the credentials along. Here those are followed that stay with the server which the credentials are for.
 */

import { withoutLastSlashes } from '@porch/apiserver';

/** What Git asks a server first, below the address of the repository (gitprotocol-http, smart clients). */
const FIRST_REQUEST = '/info/refs?service=git-upload-pack';

/** Makes git write to standard error what servers answer; credentials are left out. */
export const SHOWING_ANSWERS: Readonly<Record<string, string>> = {
  GIT_TRACE_CURL: '1',
  GIT_TRACE_CURL_NO_DATA: '1',
  GIT_TRACE_REDACT: '1',
};

/** Where an address leads: to another one of the same repository, or to a place that is not gone to, fit to be shown. */
export type Redirect =
  | { readonly type: 'followed'; readonly url: string }
  | { readonly type: 'refused'; readonly shown: string; readonly reason: string };

/**
 * Where the answers, which `SHOWING_ANSWERS` makes git write, redirect who asked at an address (its normal form); undefined when they do
 * not, or to nothing that is a URL.
 */
export function redirectIn(answers: string, asked: string): Redirect | undefined {
  const location = [...answers.matchAll(/<= Recv header: location: *(\S+)/gi)].at(-1)?.[1];
  const target = location === undefined ? null : URL.parse(location, `${asked}${FIRST_REQUEST}`);
  if (target === null) return undefined;
  const shown = `${target.protocol}//${target.host}${target.pathname.replace(/\/info\/refs$/, '')}`;
  const refused = (reason: string): Redirect => ({ type: 'refused', shown, reason });
  if (!staysWithServer(new URL(asked), target)) return refused('another server');
  if (`${target.pathname}${target.search}`.endsWith(FIRST_REQUEST) && target.hash === '') {
    return { type: 'followed', url: withoutLastSlashes(shown) };
  }
  return refused('no repository');
}

/** The same scheme, host and port; or from http to https, each at the port that it has by default. */
function staysWithServer(from: URL, to: URL): boolean {
  if (to.username !== '' || to.password !== '') return false;
  if (to.origin === from.origin) return true;
  const secured = from.protocol === 'http:' && to.protocol === 'https:';
  return secured && to.hostname === from.hostname && from.port === '' && to.port === '';
}
