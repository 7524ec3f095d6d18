import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { accessKey, type RemoteSettings, type SettingsDirectories, withRemoteSettings } from './remote-settings.ts';
import type { RemoteAccess } from './types.ts';

let directory: string;
let directories: SettingsDirectories;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'settings-'));
  directories = { certificates: join(directory, 'ca'), keys: join(directory, 'ssh') };
});
afterEach(() => rm(directory, { recursive: true }));

const url = 'https://git.example:8443/team/repo.git';
const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const basic = { type: 'basic', username: 'alice', password: 's3cret' } as const;

function settingsFor(access: Omit<RemoteAccess, 'url'>): Promise<RemoteSettings> {
  return withRemoteSettings(url, { url, ...access }, directories, async (settings) => settings);
}

test('credentials and certificates are for the host of the remote only', async () => {
  const { env, settings } = await settingsFor({ credentials: basic, caBundle: pem });
  expect(settings.map(([key]) => key)).toEqual([
    'http.https://git.example:8443/.extraHeader',
    'http.https://git.example:8443/.sslCAInfo',
    'http.https://git.example:8443/.sslCAPath',
  ]);
  expect(env).toEqual({ GIT_ALLOW_PROTOCOL: 'http:https' });
});

test.each([
  [basic, ['YWxpY2U6czNjcmV0', 's3cret'], 'Authorization: Basic YWxpY2U6czNjcmV0'],
  [{ type: 'bearer', token: 't0ken' } as const, ['t0ken'], 'Authorization: Bearer t0ken'],
])('no message shows credentials, nor the form in which they are sent: %j', async (credentials, hidden, header) => {
  const { settings, secrets } = await settingsFor({ credentials });
  expect(settings[0]?.[1]).toBe(header);
  expect(new Set(secrets)).toEqual(new Set(hidden));
});

test('a CA bundle is in a file that only this user may read, which is mended where it is damaged', async () => {
  const bundle = async () => (await settingsFor({ caBundle: pem })).settings[0]?.[1] ?? '';
  const file = await bundle();
  expect(await readFile(file, 'utf8')).toBe(pem);
  expect((await stat(file)).mode & 0o077).toBe(0);
  await writeFile(file, pem.slice(0, 9));
  expect(await readFile(await bundle(), 'utf8')).toBe(pem);
  await expect(settingsFor({ caBundle: 'no certificate' })).rejects.toMatchObject({ errorClass: 'Certificate' });
});

test('accesses are told apart by all that makes a difference, without a secret', () => {
  const accesses: RemoteAccess[] = [
    { url },
    { url, credentials: basic },
    { url, credentials: { ...basic, password: 'other' } },
    { url, credentials: basic, caBundle: pem },
    { url, caBundle: pem },
  ];
  const keys = accesses.map(accessKey);
  expect(new Set(keys).size).toBe(keys.length);
  expect(accessKey({ url, credentials: { ...basic } })).toBe(keys[1]);
  expect(keys.join()).not.toContain('s3cret');
});
