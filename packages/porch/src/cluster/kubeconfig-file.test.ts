import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { kubeconfigFile } from './kubeconfig-file.ts';

const logger = pino({ level: 'silent' });
let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  path = join(directory, 'kubeconfig');
});
afterEach(() => rm(directory, { recursive: true }));

async function open(cluster: object, user: object = {}, current: string | undefined = 'used') {
  const config = {
    'current-context': current,
    contexts: [
      { name: 'other', context: { cluster: 'other', user: 'other' } },
      { name: 'used', context: { cluster: 'c', user: 'u' } },
    ],
    clusters: [
      { name: 'other', cluster: { server: 'https://elsewhere' } },
      { name: 'c', cluster: { server: 'https://here:6443', ...cluster } },
    ],
    users: [
      { name: 'other', user: { token: 'of somebody else' } },
      { name: 'u', user },
    ],
  };
  await writeFile(path, stringify(config));
  return kubeconfigFile(path, logger);
}

test('the cluster and the user are those of the current context', async () => {
  const address = await open({ server: 'https://here:6443/' }, { token: 'mine' });
  expect(address).toMatchObject({ server: 'https://here:6443', source: path });
  expect(await address.credentials()).toEqual({ token: 'mine' });
});

test('what stands in files is found beside the kubeconfig, and what stands in the kubeconfig goes before it', async () => {
  await writeFile(join(directory, 'ca.pem'), 'authorities\n');
  await writeFile(join(directory, 'key.pem'), 'a key\n');
  await writeFile(join(directory, 'token'), 'renewed\n');
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const address = await open(
    { 'certificate-authority': 'ca.pem', 'tls-server-name': 'cluster.test' },
    {
      'client-certificate-data': base64('a certificate'),
      'client-certificate': 'not-there.pem',
      'client-key': join(directory, 'key.pem'),
      tokenFile: 'token',
      token: 'the first one',
    },
  );
  expect(await address.credentials()).toEqual({
    authorities: 'authorities',
    serverName: 'cluster.test',
    certificate: 'a certificate',
    key: 'a key',
    token: 'renewed',
  });
});

test('any certificate is taken only where that is said', async () => {
  expect(await (await open({ 'insecure-skip-tls-verify': true })).credentials()).toEqual({ insecure: true });
  expect(await (await open({ 'insecure-skip-tls-verify': false })).credentials()).toEqual({});
});

test.each([
  [
    'an address without encryption',
    { server: 'http://here' },
    {},
    'the server of the cluster must be an address with https',
  ],
  ['no address', { server: '' }, {}, 'the server of the cluster must be an address with https'],
  ['a proxy', { 'proxy-url': 'http://proxy' }, {}, 'proxy-url: proxies are not supported'],
  ['a plugin', {}, { exec: { command: 'aws' } }, 'exec: credential plugins are not run'],
  ['a password', {}, { username: 'ann', password: 'secret' }, 'username: clusters take no passwords any more'],
  ['a file that is not there', { 'certificate-authority': 'gone.pem' }, {}, 'gone.pem'],
])('%s is refused, with the file and what to do', async (_, cluster, user, message) => {
  const opening = open(cluster, user);
  await expect(opening).rejects.toMatchObject({ name: 'ClusterConfigError' });
  await expect(opening).rejects.toThrow(`the kubeconfig ${path} cannot be used: `);
  await expect(opening).rejects.toThrow(message);
});

test('a context that is not there is named', async () => {
  await expect(open({}, {}, 'third')).rejects.toThrow('contexts has no entry "third"');
  await expect(open({}, {}, '')).rejects.toThrow('current-context is not set');
});
