import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noMetrics } from '@porch/apiserver';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDataFiles } from '../data-files.ts';
import { openStore } from '../open-store.ts';
import { defaultSettings } from '../settings.ts';
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

test('a backup that cannot be restored leaves nothing, and what is not empty is left as it is', async () => {
  const [backup, data] = [join(directory, 'backup'), join(directory, 'data')];
  mkdirSync(join(backup, 'keys'), { recursive: true });
  writeFileSync(join(backup, 'keys', 'secrets.key'), Buffer.alloc(32).toString('base64'));
  writeFileSync(join(backup, 'store.db'), 'half of a store');
  await expect(restore(backup)).rejects.toThrow(/the backup \S+backup cannot be restored: /);
  expect(readdirSync(data)).toEqual([]);
  writeFileSync(join(data, 'mine'), 'mine');
  await expect(restore(backup)).rejects.toThrow(/data directory \S+ is not empty; move it away/);
  expect(readdirSync(data)).toEqual(['mine']);
});

test('a directory whose restore was interrupted is refused until it is empty', async () => {
  const [backup, data] = [join(directory, 'backup'), join(directory, 'data')];
  mkdirSync(join(backup, 'pki'), { recursive: true });
  writeFileSync(join(backup, 'users.json'), '{"users": []}');
  // Reading the store waits for a writer, which never comes.
  execFileSync('mkfifo', [join(backup, 'store.db')]);
  const script = `
    import { restoreBackup } from ${JSON.stringify(new URL('./restore-backup.ts', import.meta.url).href)};
    const [backup, dataDirectory] = process.argv.slice(1);
    await restoreBackup({ backup, dataDirectory, encryptionKeyFile: '', withoutSecrets: false });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, backup, data], { stdio: 'inherit' });
  const ended = once(child, 'exit');
  await vi.waitUntil(() => existsSync(join(data, 'store')), { timeout: 60_000, interval: 20 });
  child.kill('SIGKILL');
  await ended;

  const message = 'was being filled by porch restore, which did not finish; empty it, and restore the backup again';
  await expect(restore(backup)).rejects.toThrow(message);
  const open = async () =>
    openStore(await openDataFiles(data), defaultSettings, pino({ level: 'silent' }), () => undefined, noMetrics);
  await expect(open()).rejects.toThrow(message);
  rmSync(data, { recursive: true });
  await (await open()).close();
});
