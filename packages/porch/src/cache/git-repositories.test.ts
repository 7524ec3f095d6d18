import { expect, test } from 'vitest';
import type { Mirrors } from '../git/types.ts';
import { GitRepositories, UnsupportedError } from './git-repositories.ts';
import type { Registrations } from './registrations.ts';

const url = 'https://git.example.com/r.git';

function withSecret(type: string, data: Readonly<Record<string, string>>, called = 's'): GitRepositories {
  const encoded = Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: called }, type, data: encoded };
  const secrets = {
    get: async (_: string, name: string) => (name === called ? secret : undefined),
    watch: () => () => undefined,
  };
  return new GitRepositories({} as Registrations, secrets, {} as Mirrors);
}

test('a line break at the end of a file that a Secret was made of is no part of a password or token', async () => {
  const basic = withSecret('kubernetes.io/basic-auth', { username: 'me\n', password: 'pass word\r\n' });
  expect((await basic.accessTo('default', url, 's')).credentials).toEqual({
    type: 'basic',
    username: 'me',
    password: 'pass word',
  });
  const bearer = withSecret('Opaque', { bearerToken: 'token\n' });
  expect((await bearer.accessTo('default', url, 's')).credentials).toEqual({ type: 'bearer', token: 'token' });
});

test('only one line break is taken away, and keys keep theirs', async () => {
  const basic = withSecret('kubernetes.io/basic-auth', { username: 'me', password: 'two\n\n' });
  expect((await basic.accessTo('default', url, 's')).credentials).toMatchObject({ password: 'two\n' });
  const ssh = withSecret('kubernetes.io/ssh-auth', { 'ssh-privatekey': 'key\n', known_hosts: 'host\n' });
  expect((await ssh.accessTo('default', url, 's')).credentials).toEqual({
    type: 'ssh',
    privateKey: 'key\n',
    knownHosts: 'host\n',
  });
});

test('a bundle of authorities of the namespace is believed, with credentials or without', async () => {
  const bundle = withSecret('Opaque', { 'ca.crt': 'certificate\n' }, 'team-ca-bundle');
  expect(await bundle.accessTo('team', url, undefined)).toEqual({ url, caBundle: 'certificate\n' });
  expect(await bundle.accessTo('team', url, '')).toEqual({ url, caBundle: 'certificate\n' });
  expect(await withSecret('Opaque', {}).accessTo('team', url, undefined)).toEqual({ url });
});

test.each([
  ['kubernetes.io/basic-auth', { token: 'x' }],
  ['Opaque', { username: 'me', password: 'p' }],
  ['kubernetes.io/ssh-auth', { known_hosts: 'h' }],
])('a Secret of type %s that holds %j is no reason to ask without credentials', async (type, data) => {
  await expect(withSecret(type, data).accessTo('default', url, 's')).rejects.toMatchObject({
    errorClass: 'Authentication',
    message: `secret "s" of type "${type}" holds no credentials for Git`,
  });
});

test('a Secret that is not there, or is of a kind that is not supported, is said to be that', async () => {
  await expect(withSecret('Opaque', {}).accessTo('default', url, 'other')).rejects.toMatchObject({
    errorClass: 'Authentication',
    message: 'secret "other" not found in namespace "default"',
  });
  await expect(withSecret('kpt.dev/workload-identity-auth', {}).accessTo('default', url, 's')).rejects.toThrow(
    UnsupportedError,
  );
});
