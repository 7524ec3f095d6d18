import { afterAll, beforeAll, expect, test } from 'vitest';
import { gitError } from './errors.ts';
import { candidateOf, factsOfCandidate, readCommit, treesOf } from './found-reference.ts';
import { type MirrorTrial, startMirrorTrial } from './mirror.test-support.ts';
import type { GitError, Mirror } from './types.ts';

let trial: MirrorTrial;
let mirror: Mirror;
let id: string;
beforeAll(async () => {
  trial = await startMirrorTrial();
  const remote = await trial.addRemote();
  id = await remote.seed('p/Kptfile', 'apiVersion: kpt.dev/v1\nkind: Kptfile\n');
  await remote.mirror.fetch(remote.access);
  mirror = remote.mirror;
});
afterAll(() => trial?.close());

/** The mirror, where reading a commit fails. */
function failing(error: GitError): Mirror {
  return Object.create(mirror, { commit: { value: () => Promise.reject(error) } });
}

test('a commit that stays unreadable says why', async () => {
  const reason = 'its message is longer than can be read';
  expect(await readCommit(failing(gitError('TooLarge', reason)), id, [])).toEqual({ reason });
});

test('of a commit that cannot be read for the moment nothing is said that would be remembered', async () => {
  const error = gitError('Timeout', 'git does not answer');
  await expect(readCommit(failing(error), id, [])).rejects.toBe(error);
});

test.each([
  ['w', 'w'],
  ['Not a name', 'v1'],
])('a revision whose commit names the workspace %j is of %j', async (workspaceName, expected) => {
  const candidate = candidateOf('refs/tags/p/v1', id, id, undefined);
  if (candidate === undefined || 'reason' in candidate) expect.fail('it may be a package revision');
  const { author } = await mirror.commit(id);
  const commit = {
    id,
    author,
    annotations: ['q', 'p'].map((path) => ({ path, workspaceName: path === 'p' ? workspaceName : 'of-q' })),
  };
  const [tree] = await treesOf(mirror, [candidate]);
  expect(factsOfCandidate(candidate, commit, tree)).toMatchObject({ commit: id, workspaceName: expected });
  const unreadable = gitError('TooLarge', 'its tree is too large');
  expect(factsOfCandidate(candidate, commit, unreadable)).toEqual({ id, reason: unreadable.message });
});
