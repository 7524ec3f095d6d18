import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { prepareDataDirectory } from './data-directory.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'porch-data-directory-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('is made for its owner only; one that others may read is warned of, but for volumes of a pod', async () => {
  const directory = join(root, 'a', 'data');
  expect(await prepareDataDirectory(directory)).toEqual([]);
  vi.stubEnv('KUBERNETES_SERVICE_HOST', undefined);
  for (const mode of [0o755, 0o750]) {
    chmodSync(directory, mode);
    expect(await prepareDataDirectory(directory)).toEqual([expect.stringContaining(`chmod 700 ${directory}`)]);
  }
  vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.96.0.1');
  expect(await prepareDataDirectory(directory)).toEqual([]);
  vi.unstubAllEnvs();
});

test('a backup is none', async () => {
  writeFileSync(join(root, 'store.db'), '');
  await expect(prepareDataDirectory(root)).rejects.toThrow(
    `data directory ${root} cannot be used: it is a backup, which porch restore makes a data directory from; choose another one with --data-dir`,
  );
  mkdirSync(join(root, 'store'));
  await expect(prepareDataDirectory(root)).resolves.toBeDefined();
});

test.skipIf(process.platform !== 'linux')('says at once that it cannot be made, and names the flag', async () => {
  const told = (why: string, flag: string) =>
    new RegExp(`^data directory \\S+ cannot be used: ${why}; choose another one with ${flag}$`);
  await expect(prepareDataDirectory('/proc/x')).rejects.toThrow(told('no directory can be made there', '--data-dir'));
  writeFileSync(join(root, 'file'), '');
  await expect(prepareDataDirectory(join(root, 'file'), '--to')).rejects.toThrow(
    told('a file stands where a directory is needed', '--to'),
  );
});
