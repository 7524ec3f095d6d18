import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inCluster, ownNamespace } from './in-cluster.ts';

const logger = pino({ level: 'silent' });
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'in-cluster-'));
});
afterEach(() => rm(directory, { recursive: true }));

test.each([
  ['10.0.0.1', 'https://10.0.0.1:443'],
  ['fd00::1', 'https://[fd00::1]:443'],
])('a pod finds its cluster at %s, and is its service account there', async (host, server) => {
  await writeFile(join(directory, 'token'), 'mine\n');
  await writeFile(join(directory, 'ca.crt'), 'authorities\n');
  const address = await inCluster({ service: { host, port: '443' }, directory, logger });
  expect(address).toMatchObject({ server, source: directory });
  expect(await address.credentials()).toEqual({ token: 'mine', authorities: 'authorities' });
});

test('what is no pod, or has no service account, is told what is missing', async () => {
  await expect(inCluster({ service: undefined, directory, logger })).rejects.toThrow(
    /^this is no pod: .* give --kubeconfig/,
  );
  const opening = inCluster({ service: { host: 'h', port: '443' }, directory, logger });
  await expect(opening).rejects.toThrow(
    /^the service account cannot be used: .* automountServiceAccountToken must not be/,
  );
});

test('the namespace is that of the pod; outside a pod there is none', async () => {
  expect(await ownNamespace(directory)).toBeUndefined();
  await writeFile(join(directory, 'namespace'), 'porch-system\n');
  expect(await ownNamespace(directory)).toBe('porch-system');
  await writeFile(join(directory, 'namespace'), '\n');
  expect(await ownNamespace(directory)).toBeUndefined();
});
