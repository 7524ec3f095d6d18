import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;
const repository = 'r';

beforeAll(async () => {
  trial = await startTrial();
  await trial.addRepository(repository);
  await trial.create(repository, 'old', 'w');
  await trial.publish('r.old.w');
  for (const name of ['r.old.w', 'r.old.main']) {
    await trial.setLifecycle(name, 'DeletionProposed');
    await trial.mirrored(name);
  }
  await trial.create(repository, 'new', 'w');
  await trial.setLifecycle('r.new.w', 'Proposed');
  await trial.mirrored('r.new.w');
});
afterAll(() => trial?.close());

/** A hook of the remote that keeps references from being changed, and says why. */
async function protect(references: string): Promise<void> {
  const hooks = join(trial.gitServer.directory(repository), 'hooks');
  const script = `#!/bin/sh\nwhile read old new ref; do case $ref in ${references}) echo "policy 17 forbids it" >&2; exit 1;; esac; done\n`;
  await mkdir(hooks, { recursive: true });
  await writeFile(join(hooks, 'pre-receive'), script);
  await chmod(join(hooks, 'pre-receive'), 0o755);
}

const refusal = (what: string) => ({
  code: 400,
  message: expect.stringMatching(
    new RegExp(`the repository refused the push to .*${what}.*: pre-receive hook declined: policy 17 forbids it`),
  ),
});

test.each(['refs/heads/main', 'refs/tags/*'])('an approval says what the remote says of %s', async (references) => {
  await protect(references);
  await expect(trial.setLifecycle('r.new.w', 'Published')).rejects.toMatchObject(refusal('new/v1'));
  expect(trial.get('r.new.w')?.spec.lifecycle).toBe('Proposed');
});

test('so does a deletion of a tag, and of what is on the branch', async () => {
  await protect('refs/tags/*');
  await expect(trial.remove('r.old.w')).rejects.toMatchObject(refusal('old/v1'));
  await protect('refs/heads/main');
  await expect(trial.remove('r.old.main')).rejects.toMatchObject(refusal('main'));
  expect(trial.get('r.old.main')?.spec.lifecycle).toBe('DeletionProposed');
});

test('a deletion whose tag somebody else has moved is a conflict, not a refusal', async () => {
  await protect('nothing');
  await trial.git(repository, 'update-ref', 'refs/tags/old/v1', 'refs/heads/main^1');
  await expect(trial.remove('r.old.w')).rejects.toMatchObject({
    code: 409,
    message: expect.stringContaining('refs/tags/old/v1 was changed in Git by someone else'),
  });
});

test('a tag that stands in the way of the new one is named', async () => {
  await trial.git(repository, 'tag', 'new', 'main');
  await expect(trial.setLifecycle('r.new.w', 'Published')).rejects.toMatchObject({
    code: 400,
    message: expect.stringMatching(/'refs\/tags\/new' exists.*Rename or remove the branch or tag/s),
  });
  await trial.git(repository, 'tag', '-d', 'new');
});

test('a branch that has been removed is not made again by an approval', async () => {
  await trial.git(repository, 'branch', '-m', 'main', 'trunk');
  await expect(trial.setLifecycle('r.new.w', 'Published')).rejects.toMatchObject({
    code: 409,
    message: expect.stringContaining('branch "main" is gone from the Git repository'),
  });
  expect(await trial.git(repository, 'for-each-ref', '--format=%(refname)', 'refs/heads/main', 'refs/tags/new')).toBe(
    '',
  );
  await trial.git(repository, 'branch', '-m', 'trunk', 'main');
  expect((await trial.setLifecycle('r.new.w', 'Published')).spec.revision).toBe(1);
});
