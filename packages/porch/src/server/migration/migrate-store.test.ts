import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserManager } from '../users/manage-users.ts';
import { migrateStore } from './migrate-store.ts';

const logger = pino({ level: 'silent' });
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'porch-migrate-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('a directory without a key of its own is read with the one that is named', async () => {
  const encryptionKeyFile = join(directory, 'key');
  writeFileSync(encryptionKeyFile, randomBytes(32).toString('base64'));
  const data = join(directory, 'data');
  const users = await UserManager.open(data, encryptionKeyFile, logger);
  await users.add({ user: 'jane', role: 'porch-viewer', namespace: '' }, []);
  const urlFile = join(directory, 'url');
  writeFileSync(urlFile, 'postgres://porch@127.0.0.1:1/porch');
  const options = { directory: data, database: { url: '', urlFile }, direction: 'to-database', logger } as const;
  await expect(migrateStore({ ...options, encryptionKeyFile: '' })).rejects.toThrow(/key .* is missing/);
  // Read to its end: what cannot be reached is the place that it is moved to.
  await expect(migrateStore({ ...options, encryptionKeyFile })).rejects.toThrow('127.0.0.1:1');
});
