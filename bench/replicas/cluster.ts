import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrlOf } from '../../e2e/harness/replicas.ts';
import { PostgresServer } from '../../packages/apiserver/src/storage/postgres/postgres-server.test-support.ts';
import { openConnection } from '../api/http2-client.ts';
import { readKubeconfig } from '../api/kubeconfig.ts';
import { paths, repository, repositoryName } from '../api/objects.ts';
import { createPorchClient, type PorchClient } from '../api/porch-client.ts';
import { createPublishedRepository } from '../fixture/remote.ts';
import { interrupted } from '../interrupted.ts';
import { startChild } from '../processes/child.ts';
import type { GitServerReady } from '../processes/git-server.ts';
import { startPorchServer } from '../processes/porch-server.ts';

/** Published revisions in the repository; writes do not depend on it. */
const revisions = 10;

/**
 * Starts several servers on one PostgreSQL server that keeps what it commits, and one Git server, and registers a repository; does something
 * with a client of each server, over one connection; and ends and removes everything, also when the user wants no more. `profile`: folder for
 * CPU profiles of the servers, if any are wanted.
 */
export async function withCluster<T>(
  replicas: number,
  profile: string | undefined,
  work: (clients: readonly PorchClient[]) => Promise<T>,
): Promise<T> {
  const closers: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (let next = closers.pop(); next !== undefined; next = closers.pop()) await next();
  };
  try {
    const directory = await mkdtemp(join(tmpdir(), 'porch-bench-'));
    closers.push(() => rm(directory, { recursive: true, force: true }));
    const root = join(directory, 'git');
    await mkdir(root);
    await createPublishedRepository(join(root, 'packages.git'), revisions);
    const git = await startChild<GitServerReady>(new URL('../processes/git-server.ts', import.meta.url), { root });
    closers.push(() => git.close());
    const database = await PostgresServer.create({ durable: true });
    closers.push(() => database.destroy());
    const [urlFile, keyFile] = [join(directory, 'database-url'), join(directory, 'key')];
    await writeFile(urlFile, databaseUrlOf(database), { mode: 0o600 });
    await writeFile(keyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
    const flags = ['--database-url-file', urlFile, '--encryption-key-file', keyFile];
    const clients: PorchClient[] = [];
    for (let n = 0; n < replicas; n++) {
      const dataDirectory = join(directory, `data-${n}`);
      const server = await startPorchServer({ dataDirectory, profile, flags });
      closers.push(() => server.stop());
      const { address, credentials } = readKubeconfig(join(dataDirectory, 'kubeconfig'));
      const client = createPorchClient(await openConnection(address, credentials));
      closers.push(() => client.connection.close());
      clients.push(client);
    }
    await clients[0]?.post(paths.repositories, repository(`http://127.0.0.1:${git.ready.port}/packages.git`));
    await clients[0]?.repositoryReady(repositoryName);
    return await Promise.race([work(clients), interrupted]);
  } finally {
    await close();
  }
}
