import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import { type GitServer, type GitServerReaction, startGitServer } from '../../../../e2e/harness/git-server.ts';
import { type KeptLog, keptLog } from '../../../../e2e/harness/kept-log.ts';
import type { GitProcesses } from './broker/git-processes.ts';
import { startBroker } from './broker/start-broker.ts';
import { commit, file } from './mirror.test-support.ts';
import { createMirrors } from './mirror.ts';
import type { Mirror, Mirrors, ReferenceUpdate } from './types.ts';

let directory: string;
let server: GitServer;
let processes: GitProcesses;
let mirrors: Mirrors;
let mirror: Mirror;
let url: string;
let log: KeptLog;
/** What becomes of each push that reaches the server. */
let reactions: (GitServerReaction | undefined)[];
let pushes: number;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'porch-one-by-one-'));
  [log, reactions, pushes] = [keptLog('warn'), [], 0];
  const { logger } = log;
  processes = await startBroker({ directory, logger });
  mirrors = createMirrors({ directory, processes, logger, remotes: { allowLocal: false } });
  server = await startGitServer({
    onRequest({ method, service }) {
      if (method !== 'POST' || service !== 'git-receive-pack') return undefined;
      pushes += 1;
      return reactions.shift();
    },
  });
  url = await server.createRepository('repo');
  await git('config', 'receive.advertiseAtomic', 'false');
  mirror = await mirrors.open(url);
});
afterEach(async () => {
  await mirrors.close();
  await processes.close();
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

const git = (...args: string[]) => plainGit(server.directory('repo'), args);
const references = async () => (await git('for-each-ref', '--format=%(refname) %(objectname)')).split('\n');
const push = (...updates: ReferenceUpdate[]) => mirror.push({ url }, updates, { atomic: true });

/** A commit on the branch, another one that is not, and the updates that would publish it. */
async function prepared() {
  const [first = '', next = ''] = await mirror.writeCommits([
    commit([{ path: '', content: { files: [file('a', 'a')] } }]),
    commit([], [{ index: 0 }]),
  ]);
  await push({ ref: 'refs/heads/main', old: null, new: first });
  pushes = 0;
  const updates: readonly [ReferenceUpdate, ReferenceUpdate] = [
    { ref: 'refs/heads/main', old: first, new: next },
    { ref: 'refs/tags/p/v1', old: null, new: next },
  ];
  return { first, next, updates };
}

test('each reference is changed by itself, and that the remote cannot do more is found out and said once', async () => {
  const { next, updates } = await prepared();
  expect(await push(...updates)).toEqual({ type: 'accepted' });
  expect(await references()).toEqual([`refs/heads/main ${next}`, `refs/tags/p/v1 ${next}`]);
  await push(...updates.map(({ ref }) => ({ ref, old: next, new: null })).slice(1), {
    ref: 'refs/heads/x',
    old: null,
    new: next,
  });
  expect(log.text.match(/takes no atomic pushes/g)).toHaveLength(1);
});

test('nothing is begun where one lease does not hold', async () => {
  const { first, next, updates } = await prepared();
  await push(...['a', 'b'].map((name) => ({ ref: `refs/heads/${name}`, old: null, new: next })));
  pushes = 0;
  await git('update-ref', 'refs/tags/p/v1', first);
  const before = await references();
  const outcome = await push(...updates);
  expect(outcome).toEqual({ type: 'rejected', refs: new Map([['refs/tags/p/v1', 'stale info']]) });
  expect(pushes).toBe(0);
  expect(await references()).toEqual(before);
});

test('a failure after the first reference does not look like one before it', async () => {
  const { next, updates } = await prepared();
  reactions = [undefined, { status: 403, body: 'no' }];
  await expect(push(...updates)).rejects.toMatchObject({
    errorClass: 'Interrupted',
    message: expect.stringContaining('(1 of 2 references were changed)'),
  });
  expect(await references()).toEqual([`refs/heads/main ${next}`]);
});

test('a failure at the first reference is what it is: nothing was changed', async () => {
  const { first, updates } = await prepared();
  reactions = [{ status: 403, body: 'no' }];
  await expect(push(...updates)).rejects.toMatchObject({ errorClass: 'Authentication' });
  expect(await references()).toEqual([`refs/heads/main ${first}`]);
});

test('a remote that says of some references only what it did may have changed the others', async () => {
  const { next } = await prepared();
  const packet = (text: string): string => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;
  const report = `${packet('unpack ok\n')}${packet('ok refs/heads/a\n')}0000`;
  const headers = { 'content-type': 'application/x-git-receive-pack-result' };
  reactions = [{ status: 200, headers, body: `${packet(`\u0001${report}`)}0000` }];
  const updates = ['a', 'b'].map((name) => ({ ref: `refs/heads/${name}`, old: null, new: next }));
  await expect(mirror.push({ url }, updates, { atomic: false })).rejects.toMatchObject({
    errorClass: 'Interrupted',
    message: expect.stringContaining('the remote did not say what it did'),
  });
});
