import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import { makeBareRepository } from './bare-repository.ts';

let root: string;
let directory: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'porch-bare-'));
  directory = join(root, 'mirrors', 'one.git');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('what is made is what git makes', async () => {
  await makeBareRepository(directory, 'a mirror');
  const other = join(root, 'other.git');
  await plainGit(root, ['init', '-q', '--bare', '--template=', '--initial-branch=main', other]);
  for (const args of [
    ['rev-parse', '--is-bare-repository', '--show-object-format', '--show-ref-format'],
    ['symbolic-ref', 'HEAD'],
    ['config', '--local', 'core.repositoryformatversion'],
    ['config', '--local', 'core.bare'],
  ]) {
    expect(await plainGit(directory, args)).toBe(await plainGit(other, args));
  }
  const id = await plainGit(directory, ['hash-object', '-w', '--stdin'], { input: 'x' });
  await plainGit(directory, ['update-ref', 'refs/mirror/x', id]);
  await plainGit(directory, ['fsck', '--strict']);
  expect(readFileSync(join(directory, 'description'), 'utf8')).toBe('a mirror\n');
});

test('what is there stays, and what an attempt has left goes', async () => {
  mkdirSync(`${directory}.new`, { recursive: true });
  writeFileSync(join(`${directory}.new`, 'left'), '');
  await makeBareRepository(directory, 'first');
  expect([existsSync(`${directory}.new`), existsSync(join(directory, 'left'))]).toEqual([false, false]);
  writeFileSync(join(directory, 'kept'), '');
  await makeBareRepository(directory, 'second');
  expect(existsSync(join(directory, 'kept'))).toBe(true);
  expect(readFileSync(join(directory, 'description'), 'utf8')).toBe('first\n');
});
