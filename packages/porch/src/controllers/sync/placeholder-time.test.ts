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
