import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import { createBareRepository, importBareRepository } from '../../../../e2e/harness/git-repository.ts';
import { startBroker } from './broker/start-broker.ts';
import { createMirrors } from './mirror.ts';
import type { Mirror, ObjectId, RemoteReferences } from './types.ts';

/** What a commit of a test is made of. */
export interface TestCommit {
  readonly message: string;
  readonly parents?: readonly ObjectId[];
  /** Changed files, on top of the first parent; null removes one, `{ link }` makes a symbolic link. */
  readonly files?: Readonly<Record<string, string | null | { readonly link: string }>>;
  readonly author?: string;
  /** Seconds; commits without it are one second apart. */
  readonly time?: number;
  /** References to set to the new commit. */
  readonly refs?: readonly string[];
}

/** A remote that tests write with plain git, and its mirror. */
export interface TestRemote {
  readonly directory: string;
  readonly mirror: Mirror;
  commit(commit: TestCommit): Promise<ObjectId>;
  git(...args: string[]): Promise<string>;
  /** Fetches, and says what the remote has. */
  references(): Promise<RemoteReferences>;
}

/** Real mirrors of real repositories in a temporary folder. */
export interface TestRemotes {
  /** An empty remote, or one made from a fixture. */
  open(fixture?: string): Promise<TestRemote>;
  close(): Promise<void>;
}

export async function startTestRemotes(): Promise<TestRemotes> {
  const root = await mkdtemp(join(tmpdir(), 'porch-discovery-'));
  const logger = pino({ level: 'silent' });
  const processes = await startBroker({ directory: join(root, 'data'), logger });
  const mirrors = createMirrors({ directory: join(root, 'data'), processes, logger, remotes: { allowLocal: true } });
  let count = 0;
  return {
    async open(fixture) {
      const directory = join(root, `remote-${count++}.git`);
      if (fixture === undefined) await createBareRepository(directory);
      else await importBareRepository(fixture, directory);
      return testRemote(directory, await mirrors.open(directory));
    },
    async close() {
      await mirrors.close();
      await processes.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

function testRemote(directory: string, mirror: Mirror): TestRemote {
  let clock = 1_700_000_000;
  const git = (...args: string[]): Promise<string> => plainGit(directory, args);
  return {
    directory,
    mirror,
    git,
    async commit(commit) {
      clock += 1;
      const id = await plainGit(directory, ['fast-import', '--quiet', '--force'], { input: stream(commit, clock) });
      for (const ref of commit.refs ?? []) await git('update-ref', ref, id);
      return id;
    },
    async references() {
      await mirror.fetch({ url: directory });
      return mirror.lsRemote({ url: directory });
    },
  };
}

function stream(commit: TestCommit, clock: number): string {
  const person = `${commit.author ?? 'ann@example.com'} <${commit.author ?? 'ann@example.com'}> ${commit.time ?? clock} +0000`;
  const lines = ['reset refs/scratch/last', '', 'commit refs/scratch/last', 'mark :1', `author ${person}`];
  lines.push(`committer ${person}`, data(commit.message));
  const [first, ...others] = commit.parents ?? [];
  if (first !== undefined) lines.push(`from ${first}`);
  for (const parent of others) lines.push(`merge ${parent}`);
  for (const [path, content] of Object.entries(commit.files ?? {})) {
    if (content === null) lines.push(`D ${path}`);
    else if (typeof content === 'string') lines.push(`M 100644 inline ${path}`, data(content));
    else lines.push(`M 120000 inline ${path}`, data(content.link));
  }
  lines.push('', 'get-mark :1', '');
  return lines.join('\n');
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}

/** A Kptfile that says which one it is. */
export function kptfile(name: string): string {
  return `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n`;
}
