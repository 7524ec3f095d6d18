import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StartupError } from '../startup-error.ts';
import { restoreBackup } from './restore-backup.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'porch-restore-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const restore = (backup: string) =>
  restoreBackup({
    backup,
    dataDirectory: join(directory, 'data'),
    encryptionKeyFile: '',
    withoutSecrets: false,
  });

test('says why a backup cannot be read, or is none, and makes no data directory then', async () => {
  symlinkSync('loop', join(directory, 'loop'));
  writeFileSync(join(directory, 'file'), '');
  const cannot = restore(join(directory, 'loop'));
  await expect(cannot).rejects.toThrow(StartupError);
  await expect(cannot).rejects.toThrow(/the backup \S+loop cannot be read: ELOOP/);
  for (const none of ['file', 'missing', '.']) {
    await expect(restore(join(directory, none))).rejects.toThrow(/is no backup: it has no store\.db/);
  }
  expect(existsSync(join(directory, 'data'))).toBe(false);
});
