import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { plainGit } from './git-command.ts';

const run = promisify(execFile);

/** Makes an empty bare repository whose first branch will be `main`. */
export async function createBareRepository(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await plainGit(directory, ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', '.']);
  await configure(directory);
}

/** Makes a bare repository from a bundle (`.bundle`), an archive of a work tree (`.tar`), or another repository. */
export async function importBareRepository(source: string, directory: string): Promise<void> {
  if (!source.endsWith('.tar')) return await mirror(source, directory);
  const unpacked = await mkdtemp(join(tmpdir(), 'porch-import-'));
  try {
    await run('tar', ['-xf', source, '-C', unpacked, '--no-same-owner']);
    await mirror(join(unpacked, '.git'), directory);
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

async function mirror(source: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await plainGit(directory, ['clone', '--quiet', '--mirror', '--no-hardlinks', '--template=', source, '.']);
  await plainGit(directory, ['remote', 'remove', 'origin']);
  await configure(directory);
}

async function configure(directory: string): Promise<void> {
  const settings = {
    'http.receivepack': 'true',
    'receive.autogc': 'false',
    'gc.auto': '0',
    'core.logAllRefUpdates': 'true',
  };
  for (const [key, value] of Object.entries(settings)) await plainGit(directory, ['config', key, value]);
}
