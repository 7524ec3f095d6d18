import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDirectory } from '../../local/read-directory.ts';
import type { PackageFiles } from '../../package/files.ts';
import { expectations, type GoldenCase } from './golden-case.ts';

/** The package after the run, by the case's patch; as before where it has none. */
export function expectedFiles({ folder, files }: GoldenCase): PackageFiles {
  const patch = join(folder, expectations, 'diff.patch');
  if (!existsSync(patch)) return files;
  const directory = mkdtempSync(join(tmpdir(), 'golden-'));
  try {
    cpSync(folder, directory, { recursive: true });
    rmSync(join(directory, expectations), { recursive: true });
    const env = { PATH: process.env.PATH, GIT_CEILING_DIRECTORIES: tmpdir() };
    execFileSync('git', ['apply', '--whitespace=nowarn', patch], { cwd: directory, env });
    return readDirectory(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
