import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GitClient, startGitClient } from './git-client.ts';

let git: GitClient;
beforeAll(async () => {
  git = await startGitClient();
});
afterAll(() => git.close());

test('says how long git has taken, or what it has said', async () => {
  expect(await git.time(tmpdir(), '--version')).toBeGreaterThan(0);
  await expect(git.time(tmpdir(), 'no-such-command')).rejects.toThrow("'no-such-command' is not a git command");
  expect(await git.time(tmpdir(), '--version')).toBeGreaterThan(0);
});

test('ends in good order also while it is asked for more', async () => {
  const ending = await startGitClient();
  const last = ending.time(tmpdir(), '--version');
  const closed = ending.close();
  await expect(ending.time(tmpdir(), '--version')).rejects.toThrow('has been asked to end');
  await closed;
  await expect(last).rejects.toThrow('ended too early');
});

test.skipIf(!existsSync('/proc/self/stat'))('starts git from another process than this one', async () => {
  const starter = `$(cut -d ' ' -f 4 /proc/$PPID/stat)`;
  const startedBy = (pid: number | string) => git.time(tmpdir(), '-c', `alias.by=!test ${starter} = ${pid}`, 'by');
  await expect(startedBy(process.pid)).rejects.toThrow('failed (exit code 1)');
  await startedBy(starter);
});
