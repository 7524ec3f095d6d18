import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { defaultSettings } from '../settings.ts';
import { rotateAuthority } from './rotate-authority.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'porch-rotate-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it('makes nothing where no server has been', async () => {
  const dataDirectory = join(directory, 'nowhere');
  const rotation = rotateAuthority({
    database: defaultSettings.database,
    encryptionKeyFile: '',
    dataDirectory,
    signAfterMs: 0,
    forgetOld: false,
    clock: () => new Date(),
    logger: pino({ level: 'silent' }),
  });
  await expect(rotation).rejects.toThrow('nowhere is no data directory of a server');
  expect(existsSync(dataDirectory)).toBe(false);
});
