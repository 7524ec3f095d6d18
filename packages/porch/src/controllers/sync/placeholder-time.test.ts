import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainGit } from '../../../../../e2e/harness/git-command.ts';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial?.close());

test('what follows the branch says when it was published last, also where others have published the same content again', async () => {
  const r = await trial.newRepository();
  await trial.create(r, 'p', 'w');
  await trial.publish(`${r}.p.w`);
  const message = 'Approving by hand\n\nkpt:{"package":"p","workspaceName":"w2","revision":"2"}';
  const later = '2090-01-01T00:00:00Z';
  const next = await plainGit(
    trial.gitServer.directory(r),
    ['commit-tree', 'main^{tree}', '-p', 'main', '-m', message],
    {
      env: { GIT_AUTHOR_DATE: later, GIT_COMMITTER_DATE: later },
    },
  );
  await trial.git(r, 'update-ref', 'refs/heads/main', next);
  await trial.git(r, 'update-ref', 'refs/tags/p/v2', next);
  await trial.sync(r);
  expect(trial.get(`${r}.p.main`)?.status).toMatchObject({ publishTimestamp: later });
  expect((await trial.sync(r)).changed).toBe(0);
});

test('what somebody calls the same is not taken for the time', async () => {
  const r = await trial.newRepository();
  const blob = await plainGit(trial.gitServer.directory(r), ['hash-object', '-w', '--stdin'], {
    input: 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n',
  });
  const inner = await plainGit(trial.gitServer.directory(r), ['mktree'], { input: `100644 blob ${blob}\tKptfile\n` });
  const outer = await plainGit(trial.gitServer.directory(r), ['mktree'], { input: `040000 tree ${inner}\tp\n` });
  await trial.git(
    r,
    'update-ref',
    'refs/heads/main',
    await trial.git(r, 'commit-tree', outer, '-p', 'main', '-m', 'By hand'),
  );
  await trial.sync(r);
  await trial.update(`${r}.p.main`, (object) => {
    object.metadata.annotations = { publishTimestamp: 'soon' };
  });
  const before = trial.get(`${r}.p.main`);
  expect(before?.metadata.annotations).toEqual({ publishTimestamp: 'soon' });
  await trial.git(
    r,
    'update-ref',
    'refs/heads/main',
    await trial.git(r, 'commit-tree', outer, '-p', 'main', '-m', 'Next'),
  );
  expect((await trial.sync(r)).changed).toBe(0);
});
