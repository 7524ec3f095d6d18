import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWebhookSecrets } from './webhook-secrets.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'webhook-secrets-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function open(text: string) {
  const path = join(directory, 'secrets');
  await writeFile(path, text);
  return openWebhookSecrets(path, pino({ level: 'silent' }));
}

test('each line is a secret, but for comments and empty ones', async () => {
  const secrets = await open('# of old: 0123456789abcdef\n\n 0123456789abcdef \nfedcba9876543210\n');
  expect(await secrets.current()).toEqual(['0123456789abcdef', 'fedcba9876543210']);
});

test.each([
  ['no secret', '# none yet\n', 'it holds no secret'],
  ['one that can be guessed', 'fedcba9876543210\n0123456789abcde\n', 'shorter than 16 characters'],
])('a file with %s is refused, and its secrets are not shown', async (_, text, message) => {
  const opening = open(text);
  await expect(opening).rejects.toMatchObject({ name: 'StartupError', message: expect.stringContaining(message) });
  await expect(opening).rejects.not.toThrow('0123456789');
});
