import type { ClientConfig } from 'pg';
import type { PostgresSettings } from './options.ts';

const applicationName = 'revisioned store';

/** What the client library connects with. */
export function clientConfig({ url, connection }: Pick<PostgresSettings, 'url' | 'connection'>): ClientConfig {
  if (url !== undefined) return { connectionString: url, fallback_application_name: applicationName };
  if (connection === undefined) throw new Error('neither a URL nor a connection was given');
  const { host, port = 5432, database, user, password, tls = false } = connection;
  return {
    host,
    port,
    database,
    user,
    ...(password === undefined ? {} : { password }),
    ssl: tls,
    fallback_application_name: applicationName,
  };
}

/** PostgreSQL's own library tries one after the other. Here they would be taken for one name, and that be waited for. */
const severalHosts = /^postgres(ql)?:\/\/([^/?#]*@)?[^/?#@]*,[^/?#@]*([/?#]|$)|[?&]host=[^&#]*(,|%2C)/i;

/** What a URL must be, told without showing it. @throws Error */
export function checkPostgresUrl(url: string): void {
  if (severalHosts.test(url)) {
    throw new Error(
      'the database URL names several hosts; name one that leads to the primary, as a virtual address, a service or a proxy does',
    );
  }
  const parsed = URL.canParse(withHost(url)) ? new URL(withHost(url)) : undefined;
  if (parsed?.protocol !== 'postgres:' && parsed?.protocol !== 'postgresql:') {
    throw new Error(
      'the database URL is not valid; expected postgres://HOST:PORT/DATABASE, with USER:PASSWORD@ before HOST, special characters percent-encoded',
    );
  }
  checkEncryption(parsed.searchParams);
}

const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

/** Of these, the last two change nothing of what is checked. */
const sslParameters = [
  'ssl',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslnegotiation',
  'sslsni',
  'sslcompression',
];

/** The client library passes over what it does not know: a misspelt `sslmode` would leave passwords and Secrets unencrypted on their way. */
function checkEncryption(parameters: URLSearchParams): void {
  if ([...parameters.keys()].some((name) => /ssl|tls/i.test(name) && !sslParameters.includes(name))) {
    throw new Error(
      `the database URL has a parameter about encryption that is not known; those known are ${sslParameters.join(', ')}`,
    );
  }
  if (parameters.getAll('sslmode').some((mode) => !sslModes.includes(mode))) {
    throw new Error(`sslmode of the database URL is not known; give one of ${sslModes.join(', ')}`);
  }
}

/** A URL may leave the host to a parameter: `postgres://user@/database?host=/var/run/postgresql`. */
function withHost(url: string): string {
  return url.replace('@/', '@localhost/').replace(':///', '://localhost/');
}

/** Where the database is, for messages: never the password. */
export function describeServer({ url, connection }: Pick<PostgresSettings, 'url' | 'connection'>): string {
  if (connection !== undefined) return `${connection.database} at ${connection.host}:${connection.port ?? 5432}`;
  const { hostname, port, pathname, searchParams } = new URL(withHost(url ?? ''));
  const host = searchParams.get('host') || hostname;
  return `${decodeURIComponent(pathname.slice(1)) || 'the default database'} at ${host}:${port || '5432'}`;
}
