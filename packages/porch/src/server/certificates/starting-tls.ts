import { join } from 'node:path';
import { createAuthority, type KeyPair } from '@porch/apiserver';
import type { Settings } from '../settings.ts';
import { pairProblem, readPair } from './key-pair-files.ts';

/**
 * What a server shows that does not know its certificate yet, because it is signed by what is in a database that is away: the one of its
 * last run, or one that nobody believes, which will do for probes.
 */
export async function startingTls({
  dataDirectory,
  listen,
}: Pick<Settings, 'dataDirectory' | 'listen'>): Promise<KeyPair> {
  const last = await readPair({ pki: join(dataDirectory, 'pki') }, 'server');
  if (last !== undefined && pairProblem(last) === undefined) return last;
  const authority = await createAuthority({ name: 'porch-starting' });
  return authority.issueServerCertificate({ hosts: [listen.host, 'localhost'] });
}
