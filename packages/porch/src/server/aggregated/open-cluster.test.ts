import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, noTracing } from '@porch/apiserver';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openComposition } from '../composition.ts';
import { startHealthServer } from '../health-server.ts';
import { kubeconfigText } from '../kubeconfig.ts';
import { type ClusterSettings, completeSettings } from '../settings.ts';
import { createWaiting, notReady } from '../when-reachable.ts';
import { openCluster } from './open-cluster.ts';

let directory: string;
let apiserver: Server;
let settings: ClusterSettings;
/** Resolves when the cluster is asked what it does not answer any more. */
let lost: PromiseWithResolvers<void>;
/** Paths of its APIs, with the resources there. */
let served: Map<string, readonly string[]>;

const configApi = '/apis/config.porch.kpt.dev/v1alpha1';
const registrationApi = '/apis/apiregistration.k8s.io/v1';
const resources = ['repositories', 'repositories/status', 'functionconfigs', 'functionconfigs/status'];

// A cluster that says that all is well, and is gone when it is to be followed: a real one cannot be stopped in that moment.
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'open-cluster-'));
  lost = Promise.withResolvers();
  served = new Map([
    [configApi, resources],
    [registrationApi, ['apiservices']],
  ]);
  const authority = await createAuthority({ name: 'cluster' });
  const { certificate: cert, key } = await authority.issueServerCertificate({ hosts: ['127.0.0.1'] });
  apiserver = createServer({ cert, key }, (request, response) => {
    const { url = '', method } = request;
    if (url === '/readyz') response.end('ok');
    else if (method === 'POST') response.writeHead(201).end(JSON.stringify({ status: { allowed: true } }));
    else if (served.has(url)) {
      response.end(JSON.stringify({ resources: served.get(url)?.map((name) => ({ name })) }));
    } else if (url === configApi || url === registrationApi) {
      response.writeHead(404).end('404 page not found');
    } else {
      lost.resolve();
      request.socket.destroy();
    }
  });
  await once(apiserver.listen(0, '127.0.0.1'), 'listening');
  const server = `https://127.0.0.1:${(apiserver.address() as AddressInfo).port}`;
  const kubeconfig = join(directory, 'kubeconfig');
  const user = { token: 'porch' };
  const parts = { server, authority: authority.certificate, namespace: 'default', name: 'porch', user };
  await writeFile(kubeconfig, kubeconfigText(parts));
  const tls = { cert: '', key: '' };
  settings = { kubeconfig, service: undefined, serviceAccountDirectory: directory, namespace: 'porch-system', tls };
});
afterEach(async () => {
  apiserver.close();
  apiserver.closeAllConnections();
  await rm(directory, { recursive: true });
});

test('a server that is told to stop does, also when the cluster has gone in the moment it was to be followed', async () => {
  const stop = new AbortController();
  const logger = pino({ level: 'silent' });
  const health = () => startHealthServer({ listen: { host: '127.0.0.1', port: 0 }, check: notReady });
  const waiting = createWaiting({ health, logger, stop: stop.signal });
  const composition = openComposition(completeSettings({}), logger, noTracing, waiting);
  const opening = openCluster(composition, settings);
  await lost.promise;
  const reason = new Error('SIGTERM');
  stop.abort(reason);
  await expect(opening).rejects.toBe(reason);
  await composition.close();
});

test.each([
  [
    registrationApi,
    /^no API server can stand behind https:\S+ \(from \S+\), which has no APIServices; .* takes no --kubeconfig/,
  ],
  [configApi, /apply deploy\/crds/],
])('a cluster without %s is refused, with what to do', async (api, message) => {
  served.delete(api);
  const logger = pino({ level: 'silent' });
  const health = () => startHealthServer({ listen: { host: '127.0.0.1', port: 0 }, check: notReady });
  const waiting = createWaiting({ health, logger, stop: new AbortController().signal });
  const composition = openComposition(completeSettings({}), logger, noTracing, waiting);
  await expect(openCluster(composition, settings)).rejects.toThrow(message);
  await composition.close();
});
