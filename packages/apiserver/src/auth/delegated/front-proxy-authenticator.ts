import type { Authenticator } from '../authenticators.ts';
import { withAuthenticatedGroup } from '../authenticators.ts';
import { headerText } from '../header-text.ts';
import type { UserInfo } from '../user.ts';
import { subjectOf } from './certificate-subject.ts';
import type { DelegatedTrust, RequestHeaderTrust } from './delegated-trust.ts';

/** Values of a header, each time it comes: names of groups may hold commas, so they must not be joined. */
function valuesOf(rawHeaders: readonly string[], wanted: (name: string) => boolean): [string, string][] {
  const found: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (wanted(name)) found.push([name, headerText(rawHeaders[index + 1] ?? '')]);
  }
  return found;
}

function firstValue(rawHeaders: readonly string[], names: readonly string[]): string {
  for (const name of names) {
    const [, value = ''] = valuesOf(rawHeaders, (header) => header === name)[0] ?? [];
    if (value !== '') return value;
  }
  return '';
}

/** Keys are percent-encoded, because not everything can be part of a header's name; one that is not is taken as it is. */
function decodedKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch (error) {
    if (error instanceof URIError) return key;
    throw error;
  }
}

function extraOf(rawHeaders: readonly string[], prefixes: readonly string[]): Record<string, string[]> {
  const extra = new Map<string, string[]>();
  for (const prefix of prefixes) {
    for (const [name, value] of valuesOf(rawHeaders, (header) => header.startsWith(prefix))) {
      const key = decodedKey(name.slice(prefix.length));
      const values = extra.get(key);
      if (values === undefined) extra.set(key, [value]);
      else values.push(value);
    }
  }
  return Object.fromEntries(extra);
}

function userOf(rawHeaders: readonly string[], trust: RequestHeaderTrust): UserInfo | undefined {
  const name = firstValue(rawHeaders, trust.usernameHeaders);
  if (name === '') return undefined;
  const uid = firstValue(rawHeaders, trust.uidHeaders);
  const groups = trust.groupHeaders.flatMap((wanted) =>
    valuesOf(rawHeaders, (header) => header === wanted).map(([, value]) => value),
  );
  const extra = extraOf(rawHeaders, trust.extraHeaderPrefixes);
  return withAuthenticatedGroup({
    name,
    groups: [...new Set(groups)],
    ...(uid === '' ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  });
}

/**
 * Identities that a front proxy, such as a kube-apiserver's aggregator, has found out and says in headers. They are believed only
 * over a connection with a certificate of the request-header authorities (and one of the allowed names), and taken off the
 * request in any case: whatever handles it further sees no header that someone may have made up. Nor does it see which page a browser
 * asked for: the proxy has seen the credentials, and whether they are that page's own. `now`: milliseconds since
 * the epoch.
 */
export function createFrontProxyAuthenticator(
  trust: () => DelegatedTrust,
  now: () => number = Date.now,
): Authenticator {
  return {
    async authenticate({ socket, headers, rawHeaders }) {
      const { requestHeader } = trust();
      if (requestHeader === undefined) return undefined;
      const { authorities, allowedNames, usernameHeaders, uidHeaders, groupHeaders, extraHeaderPrefixes } =
        requestHeader;
      for (const name of Object.keys(headers)) {
        const known = [usernameHeaders, uidHeaders, groupHeaders].some((names) => names.includes(name));
        if (known || extraHeaderPrefixes.some((prefix) => name.startsWith(prefix))) delete headers[name];
      }
      if (socket === undefined) return undefined;
      const proxy = authorities.verifiedPeer(socket, now());
      if (proxy === undefined) return undefined;
      if (allowedNames.length > 0 && !allowedNames.includes(subjectOf(proxy).commonName)) return undefined;
      const user = userOf(rawHeaders, requestHeader);
      if (user !== undefined) delete headers.origin;
      return user;
    },
  };
}
