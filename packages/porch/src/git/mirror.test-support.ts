/** Remotes on a Git server and their mirrors, one after the other in one data directory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { type GitServer, startGitServer } from '../../../../e2e/harness/git-server.ts';
import type { GitProcesses } from './broker/git-processes.ts';
import { startBroker } from './broker/start-broker.ts';
import { createMirrors } from './mirror.ts';
import type { GitFile, Mirror, Mirrors, NewCommit, RemoteAccess, Signature } from './types.ts';

const logger = pino({ level: 'silent' });

/** Who makes commits. */
export const porch: Signature = { name: 'Porch', email: 'porch@kpt.dev', time: new Date('2026-01-02T03:04:05Z') };

/** What the trials of a test file share. */
export interface MirrorTrial {
  /** For files of the tests' own, and the data directory. */
  readonly directory: string;
  readonly processes: GitProcesses;
  readonly mirrors: Mirrors;
  /** Size of the last push that the server took, in bytes. */
  readonly pushedBytes: number;
  /** An empty remote, and its mirror. */
  addRemote(): Promise<TrialRemote>;
  close(): Promise<void>;
}

/** A remote and its mirror. */
export interface TrialRemote {
  readonly mirror: Mirror;
  readonly access: RemoteAccess;
  /** Directory of the remote. */
  readonly remote: string;
  write(...commits: NewCommit[]): Promise<string[]>;
  writeOne(one: NewCommit): Promise<string>;
  /** Makes a commit and pushes it to the remote's main branch. @throws Error when it is not accepted */
  seed(path?: string, content?: string): Promise<string>;
}

/** A file of a commit. */
export function file(path: string, content: string | Buffer, mode: GitFile['mode'] = '100644'): GitFile {
  return { path, mode, bytes: Buffer.from(content) };
}

/** A commit to be made. */
export function commit(
  changes: NewCommit['changes'],
  parents: NewCommit['parents'] = [],
  message = 'Change',
): NewCommit {
  return { parents, changes, message, author: porch, committer: porch };
}

/** Starts the server and opens the mirrors. */
export async function startMirrorTrial(): Promise<MirrorTrial> {
  const directory = mkdtempSync(join(tmpdir(), 'porch-mirror-'));
  const processes = await startBroker({ directory, logger });
  const mirrors = createMirrors({ directory, processes, logger, remotes: { allowLocal: true }, graphAfterMs: 0 });
  let pushedBytes = 0;
  const server = await startGitServer({
    onRequest: ({ method, service, headers }) => {
      if (method === 'POST' && service === 'git-receive-pack') pushedBytes = Number(headers['content-length']);
    },
  });
  let count = 0;
  return {
    directory,
    processes,
    mirrors,
    get pushedBytes() {
      return pushedBytes;
    },
    addRemote: () => addRemote(server, mirrors, `r${count++}`),
    async close() {
      await mirrors.close();
      await processes.close();
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function addRemote(server: GitServer, mirrors: Mirrors, name: string): Promise<TrialRemote> {
  const access = { url: await server.createRepository(name) };
  const mirror = await mirrors.open(access.url);
  const write = async (...commits: NewCommit[]): Promise<string[]> => [...(await mirror.writeCommits(commits))];
  const writeOne = async (one: NewCommit): Promise<string> => {
    const [id] = await write(one);
    if (id === undefined) throw new Error('no commit');
    return id;
  };
  return {
    mirror,
    access,
    remote: server.directory(name),
    write,
    writeOne,
    async seed(path = 'README.md', content = 'hello\n') {
      const id = await writeOne(commit([{ path: '', content: { files: [file(path, content)] } }]));
      const { type } = await mirror.push(access, [{ ref: 'refs/heads/main', old: null, new: id }], { atomic: true });
      if (type !== 'accepted') throw new Error(`the first push was ${type}`);
      return id;
    },
  };
}
