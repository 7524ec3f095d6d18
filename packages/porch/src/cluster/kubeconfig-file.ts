import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { openWatchedFile } from '@porch/apiserver';
import type { Logger } from 'pino';
import { parse } from 'yaml';
import { type ClusterAddress, ClusterConfigError, type ClusterCredentials } from './credentials.ts';

const freshMs = 10_000;

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The entry of a list of named ones, for instance `clusters: [{name, cluster}]`. */
function entryOf(config: Fields, list: string, key: string, name: string): Fields {
  const entries = Array.isArray(config[list]) ? config[list] : [];
  const found = entries.filter(isFields).find((entry) => entry.name === name)?.[key];
  if (!isFields(found)) throw new ClusterConfigError(`${list} has no entry ${JSON.stringify(name)}`);
  return found;
}

/** Fields that would need programs, browsers or proxies. */
const unsupported: Readonly<Record<string, string>> = {
  exec: 'credential plugins are not run; use a client certificate, token or tokenFile',
  'auth-provider': 'these plugins are not run; use a client certificate, token or tokenFile',
  username: 'clusters take no passwords any more; use a client certificate, token or tokenFile',
  'proxy-url': 'proxies are not supported',
};

function refuseUnsupported(fields: Fields): void {
  for (const [key, advice] of Object.entries(unsupported)) {
    if (fields[key] !== undefined) throw new ClusterConfigError(`${key}: ${advice}`);
  }
}

/** The value of a field, which may stand in the file itself (base64) or in a file of its own, which is read again when it changes. */
async function openValue(
  fields: Fields,
  key: string,
  directory: string,
  logger: Logger,
): Promise<() => Promise<string | undefined>> {
  const data = textOf(fields, `${key}-data`);
  if (data !== undefined) return async () => Buffer.from(data, 'base64').toString('utf8');
  return openFile(textOf(fields, key), directory, logger);
}

async function openFile(
  name: string | undefined,
  directory: string,
  logger: Logger,
): Promise<() => Promise<string | undefined>> {
  if (name === undefined) return async () => undefined;
  const path = resolve(directory, name);
  const parseText = (text: string): string => text.trim();
  const file = await openWatchedFile({ path, parse: parseText, logger, freshMs, now: () => performance.now() });
  return () => file.current();
}

async function addressIn(config: Fields, path: string, logger: Logger): Promise<ClusterAddress> {
  const current = textOf(config, 'current-context');
  if (current === undefined) throw new ClusterConfigError('current-context is not set');
  const context = entryOf(config, 'contexts', 'context', current);
  const cluster = entryOf(config, 'clusters', 'cluster', textOf(context, 'cluster') ?? '');
  const user = entryOf(config, 'users', 'user', textOf(context, 'user') ?? '');
  refuseUnsupported(cluster);
  refuseUnsupported(user);
  const server = textOf(cluster, 'server')?.replace(/\/+$/, '');
  if (server === undefined || !/^https:\/\//.test(server)) {
    throw new ClusterConfigError('the server of the cluster must be an address with https');
  }
  const directory = dirname(path);
  const authorities = await openValue(cluster, 'certificate-authority', directory, logger);
  const certificate = await openValue(user, 'client-certificate', directory, logger);
  const key = await openValue(user, 'client-key', directory, logger);
  const tokenFile = await openFile(textOf(user, 'tokenFile'), directory, logger);
  const serverName = textOf(cluster, 'tls-server-name');
  const insecure = cluster['insecure-skip-tls-verify'] === true;
  return {
    server,
    source: path,
    async credentials() {
      const values = {
        authorities: await authorities(),
        certificate: await certificate(),
        key: await key(),
        token: (await tokenFile()) ?? textOf(user, 'token'),
        serverName,
      };
      const given = Object.entries(values).filter(([, value]) => value !== undefined);
      return { ...Object.fromEntries(given), ...(insecure ? { insecure } : {}) } satisfies ClusterCredentials;
    },
  };
}

/**
 * The cluster and user of the current context of a kubeconfig (`v1` Config). Files that it names are read again when they change.
 * @throws ClusterConfigError that names the file and the field which cannot be used
 */
export async function kubeconfigFile(path: string, logger: Logger): Promise<ClusterAddress> {
  try {
    const config: unknown = parse(await readFile(path, 'utf8'));
    if (!isFields(config)) throw new ClusterConfigError('there is no kubeconfig in it');
    return await addressIn(config, path, logger);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ClusterConfigError(`the kubeconfig ${path} cannot be used: ${message}`, { cause: error });
  }
}
