import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startBroker } from '../../git/broker/start-broker.ts';
import { UserManager } from './manage-users.ts';

const logger = pino({ level: 'silent' });
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'porch-users-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('a user whose roles cannot be taken away now has no token, and is removed by trying again', async () => {
  const users = await UserManager.open(directory, logger);
  await users.add({ user: 'jane', role: 'porch-editor', namespace: '' }, []);
  // As a server that does not answer.
  const held = await startBroker({ directory, logger });
  await expect(users.remove('jane')).rejects.toThrow();
  await held.close();
  expect(await users.list()).toMatchObject([
    { user: { name: 'jane', tokens: [] }, grants: [{ role: 'porch-editor' }] },
  ]);
  await users.remove('jane');
  await users.add({ user: 'jane', role: 'porch-viewer', namespace: '' }, []);
  expect((await users.list()).flatMap(({ grants }) => grants.map(({ role }) => role))).toEqual(['porch-viewer']);
});
