import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientConfig } from '../../packages/apiserver/src/storage/postgres/client-config.ts';
import { Connection } from '../../packages/apiserver/src/storage/postgres/connection.ts';
import {
  canRunPostgres,
  PostgresServer,
} from '../../packages/apiserver/src/storage/postgres/postgres-server.test-support.ts';
import { type GitServer, type GitServerOptions, startGitServer } from './git-server.ts';
import { type Porch, startPorch } from './porch.ts';
import { gitPassword, gitUser, type World, worldOf } from './world.ts';

export { canRunPostgres };

/** The shortest lease that the server takes: tests wait for its end. */
const leaseFlags = ['--lease-duration', '5s'];

export interface ReplicasOptions {
  readonly servers: number;
  /** Further flags of all servers. */
  readonly flags?: readonly string[];
  readonly git?: Pick<GitServerOptions, 'onRequest'>;
}

/** Several servers on one PostgreSQL database and one Git server. */
export interface Replicas {
  readonly servers: readonly Porch[];
  readonly database: PostgresServer;
  readonly git: GitServer;
  /** Repositories and packages, through the first server. */
  readonly world: World;
  /** The server that looks after a repository. */
  caretaker(repository: string): Promise<Porch>;
  /** Flags with which another process of any kind joins. */
  readonly sharedFlags: readonly string[];
  close(): Promise<void>;
}

/** The URL of a test database; its server listens on a Unix socket only. */
export function databaseUrlOf({ connection }: Pick<PostgresServer, 'connection'>): string {
  const { user, password, database, host } = connection;
  if (typeof password !== 'string') throw new Error('the test database has no password');
  return `postgres://${user}:${password}@/${database}?host=${encodeURIComponent(host)}`;
}

/** The process that holds a repository's lease, as the database has it. */
async function caretakerPid(database: PostgresServer, repository: string): Promise<number> {
  const connection = await Connection.open(clientConfig({ url: undefined, connection: database.connection }));
  try {
    const [row] = await connection.query<{ pid: number }>(`
      SELECT (member.value::json -> 'record' ->> 'pid')::int AS pid
      FROM porch.objects lease
      JOIN porch.objects member ON member.name = lease.value::json -> 'record' ->> 'holder'
      WHERE lease.resource = 'leases.internal.porch.kpt.dev' AND lease.name = 'repository/default/${repository}'
        AND member.resource = 'members.internal.porch.kpt.dev'`);
    if (row === undefined) throw new Error(`nobody looks after ${repository}`);
    return row.pid;
  } finally {
    await connection.close();
  }
}

/** Starts everything; the servers one after the other. */
export async function startReplicas(options: ReplicasOptions): Promise<Replicas> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (let next = closers.pop(); next !== undefined; next = closers.pop()) await next();
  };
  try {
    const directory = await mkdtemp(join(tmpdir(), 'porch-replicas-'));
    closers.push(() => rm(directory, { recursive: true, force: true }));
    const database = await PostgresServer.create();
    closers.push(() => database.destroy());
    const git = await startGitServer({ ...options.git, users: { [gitUser]: gitPassword } });
    closers.push(() => git.close());
    const [urlFile, keyFile] = [join(directory, 'database-url'), join(directory, 'key')];
    await writeFile(urlFile, `${databaseUrlOf(database)}\n`, { mode: 0o600 });
    await writeFile(keyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
    const sharedFlags = ['--database-url-file', urlFile, '--encryption-key-file', keyFile, ...leaseFlags];
    const flags = [...sharedFlags, ...(options.flags ?? [])];
    const servers: Porch[] = [];
    for (let n = 0; n < options.servers; n++) {
      const server = await startPorch({ flags });
      closers.push(() => server.close());
      servers.push(server);
    }
    const [first] = servers;
    if (first === undefined) throw new Error('replicas need a server');
    const world = await worldOf(first, git, close);
    const caretaker = async (repository: string): Promise<Porch> => {
      const pid = await caretakerPid(database, repository);
      for (const server of servers) if ((await server.pid()) === pid) return server;
      throw new Error(`no server has the process id ${pid}`);
    };
    return { servers, database, git, world, caretaker, sharedFlags, close };
  } catch (error) {
    await close();
    throw error;
  }
}
