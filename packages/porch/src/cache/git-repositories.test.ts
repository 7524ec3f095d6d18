import { expect, test } from 'vitest';
import type { Mirrors } from '../git/types.ts';
import { GitRepositories } from './git-repositories.ts';
import type { Registrations } from './registrations.ts';

const url = 'https://git.example.com/r.git';

function withSecret(type: string, data: Readonly<Record<string, string>>): GitRepositories {
  const encoded = Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, type, data: encoded };
  const secrets = {
    get: async (_: string, name: string) => (name === 's' ? secret : undefined),
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
