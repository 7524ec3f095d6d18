import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeDirectory } from './make-directory.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'porch-make-directory-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('makes what is missing on the way, and leaves what is there', async () => {
  const path = join(root, 'a', 'b');
  await Promise.all([makeDirectory(path), makeDirectory(path)]);
  expect([join(root, 'a'), path].map((each) => statSync(each).mode & 0o777)).toEqual([0o700, 0o700]);
  await makeDirectory(root, 0o755);
  expect(statSync(root).mode & 0o777).toBe(0o700);
});

test.skipIf(process.platform !== 'linux')('comes back where no directory can be made', async () => {
  await expect(makeDirectory('/proc/porch/data')).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(makeDirectory('/dev/null/data')).rejects.toMatchObject({ code: 'EEXIST' });
  writeFileSync(join(root, 'file'), '');
  await expect(makeDirectory(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
});
