import { afterEach, expect, test } from 'vitest';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';
import type { Mirror } from '../../git/types.ts';

let trial: Trial | undefined;
/** What somebody else does before the branch is pushed. */
let before: (() => Promise<unknown>) | undefined;
afterEach(async () => {
  await trial?.close();
  [trial, before] = [undefined, undefined];
});

const interfere = (mirror: Mirror): Mirror => ({
  ...mirror,
  push: async (access, updates, options) => {
    await before?.();
    return mirror.push(access, updates, options);
  },
});

/** A registered repository of which the remote has nothing but the branch `other`. */
async function repository(createBranch?: boolean): Promise<Trial> {
  const t = await startTrial('async', {}, interfere);
  trial = t;
  await t.addRepository('r', { branch: 'main', ...(createBranch !== undefined && { createBranch }) });
  await t.git('r', 'branch', '--move', 'main', 'other');
  t.restartSync('r');
  return t;
}

const log = (t: Trial) => t.git('r', 'log', '--format=%an <%ae> %cn <%ce> %P|%B', 'main');

test.each([undefined, false])('a branch that is not there is not made where nobody asks for it (%s)', async (wish) => {
  const t = await repository(wish);
  await expect(t.sync('r', true)).rejects.toMatchObject({
    errorClass: 'NotFound',
    message: expect.stringMatching(/^branch "main" not found in http:/),
    advice: expect.stringContaining('set spec.git.createBranch'),
  });
  expect(await t.references('r')).toEqual(['refs/heads/other']);
});

test('a branch that somebody asks for begins with one commit, which has nothing to do with other branches', async () => {
  const t = await repository(true);
  const { head } = await t.sync('r', true);
  expect(await t.git('r', 'rev-parse', 'main')).toBe(head);
  expect(await t.git('r', 'rev-list', '--count', 'main')).toBe('1');
  expect(await t.git('r', 'ls-tree', '--name-only', 'main')).toBe('README.md');
  const by = 'Package Orchestration Service <porch@kpt.dev>';
  expect(await log(t)).toBe(`${by} ${by} |Initial commit: Creating main branch`);
});

test('a branch that somebody else makes in the same moment is taken as it is', async () => {
  const t = await repository(true);
  before = () => t.git('r', 'branch', 'main', 'other');
  const { head } = await t.sync('r', true);
  expect(head).toBe(await t.git('r', 'rev-parse', 'other'));
  expect(await t.git('r', 'rev-parse', 'main')).toBe(head);
});

test('a remote that takes no such branch is told of, with what it says', async () => {
  const t = await repository(true);
  await t.git('r', 'config', 'receive.hideRefs', 'refs/heads/main');
  await expect(t.sync('r', true)).rejects.toMatchObject({
    errorClass: 'Rejected',
    message: expect.stringMatching(/^branch "main" could not be created in http:.*: deny updating a hidden ref/),
    advice: expect.stringContaining('branch protection'),
  });
});
