import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import type { PackageRevision } from '../resources/package-revision.ts';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial?.close());

const kptfile = (name: string) => `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n`;

/** A commit by somebody else on the branch, with one more entry. */
async function commitElsewhere(r: string, path: string, content: string, mode = '100644'): Promise<void> {
  const lines = ['commit refs/heads/main', 'committer Ann <ann@example.com> 1700000000 +0000', 'data 0'];
  lines.push('from refs/heads/main^0');
  if (mode === '160000') lines.push(`M ${mode} ${content} ${path}`);
  else lines.push(`M ${mode} inline ${path}`, `data ${content.length}`, content);
  await plainGit(trial.gitServer.directory(r), ['fast-import', '--quiet'], { input: `${lines.join('\n')}\n` });
}

test.each([
  ['the package', 'a', '100644', 'a'],
  ['a directory above it', 'a', '100755', 'a/b/c'],
  ['a link', 'a/b', '120000', 'a/b/c'],
  ['a submodule', 'a', '160000', 'a/b'],
])('what stands on the branch in place of %s is not overwritten', async (_, path, mode, packageName) => {
  const r = await trial.newRepository();
  const name = `${r}.${packageName.replaceAll('/', '.')}.w`;
  await trial.create(r, packageName, 'w');
  await commitElsewhere(r, path, mode === '160000' ? '1'.repeat(40) : 'content', mode);
  const head = await trial.git(r, 'rev-parse', 'main');
  const refusal = {
    code: 400,
    message: expect.stringContaining(`branch "main" has a file, link or submodule "${path}"`),
  };
  await expect(trial.publish(name)).rejects.toMatchObject(refusal);
  expect(await trial.git(r, 'rev-parse', 'main')).toBe(head);
  expect(trial.get(name)?.spec.lifecycle).toBe('Proposed');
  await trial.sync(r);
  const approve = (object: PackageRevision): void => {
    object.spec.lifecycle = 'Published';
  };
  await expect(trial.update(name, approve, true)).rejects.toMatchObject(refusal);
  await commitElsewhere(r, 'z.txt', 'beside it');
  await expect(trial.setLifecycle(name, 'Published')).rejects.toMatchObject(refusal);
  const removal = await trial.git(r, 'commit-tree', 'main~2^{tree}', '-p', 'main', '-m', 'Remove it');
  await trial.git(r, 'update-ref', 'refs/heads/main', removal);
  expect((await trial.setLifecycle(name, 'Published')).spec.revision).toBe(1);
});

test('a branch that has gone with what stood in the way is not made again', async () => {
  const r = await trial.newRepository();
  await trial.create(r, 'a', 'w');
  await commitElsewhere(r, 'a', 'content');
  await trial.sync(r);
  await trial.git(r, 'update-ref', '-d', 'refs/heads/main');
  await expect(trial.publish(`${r}.a.w`)).rejects.toMatchObject({
    code: 409,
    message: expect.stringContaining('branch "main" is gone'),
  });
  expect(await trial.references(r)).not.toContain('refs/heads/main');
});

test('packages that others have put into the directory of a new one stay', async () => {
  const r = await trial.newRepository();
  await trial.create(r, 'a', 'w');
  await commitElsewhere(r, 'a/b/c/Kptfile', kptfile('c'));
  await trial.sync(r);
  await expect(trial.publish(`${r}.a.w`)).rejects.toMatchObject({
    code: 400,
    message: expect.stringContaining('packages cannot be nested: branch "main" has got a/b/c'),
  });
  expect(await trial.git(r, 'show', 'main:a/b/c/Kptfile')).toBe(kptfile('c').trim());
});

test.each([['a'], ['a/b']])(
  'a new package does not become a part of the package %s that others have put around it',
  async (around) => {
    const r = await trial.newRepository();
    const name = `${r}.a.b.c.w`;
    await trial.create(r, 'a/b/c', 'w');
    await commitElsewhere(r, `${around}/Kptfile`, kptfile('around'));
    const head = await trial.git(r, 'rev-parse', 'main');
    const refusal = {
      code: 400,
      message: expect.stringContaining(`packages cannot be nested: branch "main" has got a package "${around}"`),
    };
    await expect(trial.publish(name)).rejects.toMatchObject(refusal);
    await trial.sync(r);
    await expect(trial.setLifecycle(name, 'Published')).rejects.toMatchObject(refusal);
    expect(await trial.git(r, 'rev-parse', 'main')).toBe(head);
  },
);

test('a package that others have made a part of another one goes on', async () => {
  const r = await trial.newRepository();
  await trial.create(r, 'a/b', 'v1');
  await trial.publish(`${r}.a.b.v1`);
  await commitElsewhere(r, 'a/Kptfile', kptfile('a'));
  await trial.create(r, 'a/b', 'v2', { type: 'edit', edit: { sourceRef: { name: `${r}.a.b.v1` } } });
  expect((await trial.publish(`${r}.a.b.v2`)).spec.revision).toBe(2);
});

test('packages of a repository whose directory is a package itself are published all the same', async () => {
  const r = await trial.newRepository();
  await commitElsewhere(r, 'Kptfile', kptfile('all'));
  await trial.create(r, 'a/b', 'w');
  expect((await trial.publish(`${r}.a.b.w`)).spec.revision).toBe(1);
});

test('what belongs to a package, or to none, is replaced by its next revision', async () => {
  const r = await trial.newRepository();
  await commitElsewhere(r, 'a/README.md', 'no package yet');
  await trial.create(r, 'a', 'v1');
  await trial.setFiles(`${r}.a.v1`, (files) => {
    files['sub/Kptfile'] = kptfile('sub');
  });
  await trial.publish(`${r}.a.v1`);
  await trial.create(r, 'a', 'v2', { type: 'edit', edit: { sourceRef: { name: `${r}.a.v1` } } });
  expect((await trial.publish(`${r}.a.v2`)).spec.revision).toBe(2);
  expect(await trial.git(r, 'show', 'main:a/sub/Kptfile')).toContain('name: sub');
});
