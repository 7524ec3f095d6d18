import {
  createFileTokens,
  createOidcTokens,
  fetchHttpsJson,
  IssuerKeys,
  openWatchedFile,
  parseTokenFile,
  type TokenSource,
  type UserInfo,
} from '@porch/apiserver';
import type { Logger } from 'pino';
import type { Clock } from '../cache/clock.ts';
import { readCertificates } from './read-certificates.ts';
import type { OidcSettings } from './settings.ts';
import { StartupError } from './startup-error.ts';
import { parseUsers, usersByToken } from './users/user-file.ts';

/** For how long a look at a file with tokens counts: a token that is taken away works no longer than this. */
const freshMs = 1000;
const issuerTimeoutMs = 10_000;
const mostBytesOfIssuer = 1 << 20;

/**
 * Where bearer tokens are looked up: the server's own users, the file that the operator keeps, if any, and the issuer of OpenID Connect, if
 * any. Changes are noticed while the server runs. An issuer that cannot be reached keeps nobody else out.
 * @throws StartupError when a file cannot be used
 */
export async function openTokens(options: {
  readonly usersFile: string;
  readonly tokenAuthFile: string;
  readonly oidc: OidcSettings | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
}): Promise<readonly TokenSource[]> {
  const { usersFile, tokenAuthFile, oidc, logger, clock } = options;
  const now = () => performance.now();
  try {
    const users = await openWatchedFile<Map<string, UserInfo>>({
      path: usersFile,
      parse: (text) => usersByToken(parseUsers(text)),
      missing: new Map(),
      logger,
      freshMs,
      now,
    });
    const sources = [createFileTokens(users, now)];
    if (tokenAuthFile !== '') {
      const given = await openWatchedFile({ path: tokenAuthFile, parse: parseTokenFile, logger, freshMs, now });
      sources.push(createFileTokens(given, now));
    }
    if (oidc !== undefined) sources.push(await openOidc(oidc, logger, clock));
    return sources;
  } catch (error) {
    throw new StartupError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function openOidc(settings: OidcSettings, logger: Logger, clock: Clock): Promise<TokenSource> {
  const { issuerUrl: issuer, clientId, caFile, proxies, signingAlgorithms: algorithms, claims } = settings;
  const now = () => performance.now();
  const ca = caFile === '' ? {} : { ca: await readCertificates(caFile, '--oidc-ca-file') };
  const fetchJson = (url: string) =>
    fetchHttpsJson(url, { ...ca, proxies, timeoutMs: issuerTimeoutMs, mostBytes: mostBytesOfIssuer });
  const keys = new IssuerKeys({ issuer, fetchJson, logger, now });
  // Whoever starts the server reads in its log at once what is wrong.
  void keys.current();
  return createOidcTokens({ issuer, clientId, algorithms, claims, keys, clock, now });
}
