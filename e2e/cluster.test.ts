import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesObject } from '@porch/apiserver';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterClient } from '../packages/porch/src/cluster/cluster-client.ts';
import { clusterSecrets } from '../packages/porch/src/cluster/cluster-secrets.ts';
import { ClusterEventRecorder } from '../packages/porch/src/cluster/event-recorder.ts';
import { Informer, type InformerEvent } from '../packages/porch/src/cluster/informer.ts';
import { kubeconfigFile } from '../packages/porch/src/cluster/kubeconfig-file.ts';
import { LeaderElection } from '../packages/porch/src/cluster/leader-election.ts';
import { eventually } from './harness/eventually.ts';
import { forgetHistory } from './harness/forget-history.ts';
import { freePorts } from './harness/free-ports.ts';
import { expectStatus } from './harness/packages.ts';
import { type Porch, startPorch } from './harness/porch.ts';

const logger = pino({ level: 'silent' });
const configMaps = '/api/v1/namespaces/default/configmaps';
const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';

/** What the server does with a cluster, with a standalone server in the cluster's place: it serves the same kinds. */
describe('a cluster as a source', () => {
  let home: string;
  let cluster: Porch;
  let client: ClusterClient;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'porch-cluster-'));
    const [port = 0] = await freePorts(1);
    cluster = await startPorch({ dataDirectory: join(home, 'data'), flags: ['--listen', `127.0.0.1:${port}`] });
    client = new ClusterClient(await kubeconfigFile(cluster.kubeconfig, logger), 'porch/e2e');
  });
  afterAll(async () => {
    client?.close();
    await cluster?.close();
    await rm(home, { recursive: true, force: true });
  });

  const configMap = async (name: string, data = {}) =>
    expectStatus(
      await cluster.http('POST', configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data }),
      201,
    );

  describe('is followed', () => {
    let informer: Informer<KubernetesObject>;
    const events: InformerEvent<KubernetesObject>[] = [];
    const names = () =>
      informer
        .list()
        .map(({ metadata }) => metadata.name)
        .sort();
    beforeAll(async () => {
      await configMap('old');
      informer = new Informer({
        client,
        path: configMaps,
        logger,
        random: Math.random,
        pauseMs: { first: 50, most: 200 },
      });
      await informer.start();
      informer.subscribe((event) => events.push(event));
    });
    afterAll(() => informer?.close());

    it('as it changes', async () => {
      expect(names()).toEqual(['old']);
      await configMap('new');
      await eventually('the new one', async () => names().includes('new'));
      await cluster.http('DELETE', `${configMaps}/old`);
      await eventually('the end of the old one', async () => !names().includes('old'));
      expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
        'CHANGED new',
        'REMOVED old',
      ]);
    });

    it('through a restart, after which nothing is told again', async () => {
      events.length = 0;
      await cluster.restart();
      await configMap('restarted');
      await eventually('what was made since', async () => names().includes('restarted'));
      expect(events.map(({ object }) => object.metadata.name)).toEqual(['restarted']);
    });

    it('when what happened meanwhile is forgotten, by listing again', async () => {
      events.length = 0;
      await cluster.stop();
      const between = await startPorch({ dataDirectory: cluster.dataDirectory });
      let latest: string;
      try {
        expectStatus(await between.http('DELETE', `${configMaps}/new`), 200);
        const last = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'unseen' } };
        latest = expectStatus(await between.http('POST', configMaps, last), 201).metadata.resourceVersion;
      } finally {
        await between.close();
      }
      await forgetHistory(cluster.dataDirectory, Number(latest));
      await cluster.start();
      await eventually('what was made unseen', async () => names().includes('unseen'));
      expect(names()).toEqual(['restarted', 'unseen']);
      expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`).sort()).toEqual([
        'CHANGED unseen',
        'REMOVED new',
      ]);
    });

    it('and an answer of our own counts before the watch brings it, an older state does not', async () => {
      const before = informer.get('default', 'restarted') ?? expect.fail('it is known');
      const after = await client.merge<KubernetesObject>(`${configMaps}/restarted`, { data: { a: 'b' } }, 'e2e');
      informer.observe(after);
      expect(informer.get('default', 'restarted')).toEqual(after);
      informer.observe(before);
      expect(informer.get('default', 'restarted')).toEqual(after);
    });
  });

  describe('lets one lead', () => {
    const times = { leaseMs: 4_000, renewMs: 2_000, retryMs: 50 };
    const open: LeaderElection[] = [];
    const leading = new Set<string>();
    let most = 0;
    const candidate = (identity: string, name = 'leader') => {
      const election = new LeaderElection({
        ...{ client, namespace: 'default', name, identity, logger, times, clock: () => new Date() },
        lead() {
          leading.add(identity);
          most = Math.max(most, leading.size);
          return async () => void leading.delete(identity);
        },
      });
      open.push(election);
      election.start();
      return election;
    };
    afterAll(async () => {
      for (const election of open) await election.close();
    });
    const leads = (identity: string) => eventually(`${identity} that leads`, async () => leading.has(identity));

    it('and the next one when that ends, never two', async () => {
      const first = candidate('first');
      await leads('first');
      candidate('second');
      await first.close();
      await leads('second');
      expect(most).toBe(1);
      const { spec } = expectStatus(await cluster.http('GET', `${leases}/leader`), 200);
      expect(spec).toMatchObject({ holderIdentity: 'second', leaseDurationSeconds: 4 });
      expect(spec.leaseTransitions).toBeGreaterThan(0);
    });

    it('no more when the cluster is away for too long, and again when it is back', async () => {
      await cluster.stop();
      await eventually('the end of leading', async () => leading.size === 0);
      await cluster.start();
      await leads('second');
    });

    it('in place of one that gives no sign of life', async () => {
      const spec = { holderIdentity: 'gone', leaseDurationSeconds: 1, renewTime: '2026-01-01T00:00:00.000000Z' };
      const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'abandoned' }, spec };
      expectStatus(await cluster.http('POST', leases, lease), 201);
      candidate('heir', 'abandoned');
      await leads('heir');
    });
  });

  it('reads Secrets that something waits for again, and tells when they are others', async () => {
    const secretsPath = '/api/v1/namespaces/default/secrets';
    const named = (name: string) => ({ namespace: 'default', name });
    const [late, changing, same] = [named('late'), named('changing'), named('same')];
    const secret = (name: string, password: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name },
      stringData: { password },
    });
    for (const { name } of [changing, same]) {
      expectStatus(await cluster.http('POST', secretsPath, secret(name, 'old')), 201);
    }
    const awaited = [late, changing, same];
    const secrets = clusterSecrets({ client, isTerminating: () => false, awaited: () => awaited, logger, everyMs: 20 });
    for (const { namespace, name } of awaited) await secrets.get(namespace, name);
    const told: string[] = [];
    const stop = secrets.watch((namespace, name) => told.push(`${namespace}/${name}`));
    expectStatus(await cluster.http('POST', secretsPath, secret('late', 'new')), 201);
    await eventually('the one that is there now', async () => told.includes('default/late'));
    const change = await cluster.http('PUT', `${secretsPath}/changing`, secret('changing', 'new'));
    expectStatus(change, 200);
    await eventually('the one that has changed', async () => told.length === 2);
    stop();
    expect(told).toEqual(['default/late', 'default/changing']);
  });

  it('keeps what is said about objects as Events, and counts what is said again', async () => {
    const recorder = new ClusterEventRecorder({
      client,
      component: 'tests',
      instance: 'e2e',
      clock: () => new Date(),
      logger,
    });
    const about = await configMap('about');
    const said = { type: 'Normal', reason: 'Said', message: 'It is so' } as const;
    for (let n = 0; n < 3; n++) {
      recorder.record(about, said);
      await recorder.close();
    }
    recorder.record(about, { ...said, message: 'x'.repeat(2000) });
    await recorder.close();
    const { items } = expectStatus(await cluster.http('GET', '/api/v1/namespaces/default/events'), 200);
    const own = items.filter(({ reason }: { reason: string }) => reason === 'Said');
    expect(own.map(({ count }: { count: number }) => count).sort()).toEqual([1, 3]);
    expect(own).toContainEqual(
      expect.objectContaining({
        message: 'x'.repeat(1024),
        involvedObject: expect.objectContaining({ name: 'about' }),
      }),
    );
  });
});
