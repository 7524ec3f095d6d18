import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresServer } from '../../packages/apiserver/src/storage/postgres/postgres-server.test-support.ts';
import {
  type Answer,
  type Asked,
  type ScriptedCluster,
  scriptedCluster,
} from '../../packages/porch/src/cluster/scripted-cluster.test-support.ts';
import { kubeconfigText } from '../../packages/porch/src/server/kubeconfig.ts';
import { eventually } from '../harness/eventually.ts';
import { canRunPostgres, databaseUrlOf } from '../harness/replicas.ts';
import { PorchProcess } from '../harness/server-process.ts';

const served: Readonly<Record<string, readonly string[]>> = {
  '/apis/config.porch.kpt.dev/v1alpha1': [
    'repositories',
    'repositories/status',
    'functionconfigs',
    'functionconfigs/status',
  ],
  '/apis/apiregistration.k8s.io/v1': ['apiservices'],
};

/** Answers of a cluster that lets a server do all that it wants, and has nothing but the namespace of the given name and UID. */
function answersOf(name: string, uid: string): (asked: Asked) => Answer | Promise<Answer> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, uid, resourceVersion: '1' } };
  return ({ method, path, query, body }) => {
    if (method === 'POST') return { code: 201, body: { ...body, status: { allowed: true } } };
    if (method === 'PATCH') return { body };
    if (query['watch'] !== undefined) return new Promise(() => undefined); // nothing ever changes
    const resources = served[path]?.map((name) => ({ name }));
    if (resources !== undefined) return { body: { resources } };
    return { body: { metadata: { resourceVersion: '1' }, items: path === '/api/v1/namespaces' ? [namespace] : [] } };
  };
}

describe.skipIf(!canRunPostgres())('servers of two clusters that are given one database', () => {
  let home: string;
  let database: PostgresServer;
  let west: { readonly server: PorchProcess; readonly dataDirectory: string };
  const clusters: ScriptedCluster[] = [];
  const started: PorchProcess[] = [];

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'porch-clusters-'));
    database = await PostgresServer.create();
    await writeFile(join(home, 'url'), databaseUrlOf(database));
    await writeFile(join(home, 'key'), `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 });
    for (const name of ['east', 'west', 'bare']) {
      const cluster = await scriptedCluster(answersOf(name === 'bare' ? 'default' : 'kube-system', `uid-of-${name}`));
      clusters.push(cluster);
      const { server, authority } = cluster;
      const text = kubeconfigText({ server, authority, namespace: 'default', name, user: { token: 'porch' } });
      await writeFile(join(home, name), text, { mode: 0o600 });
    }
  });
  afterAll(async () => {
    for (const { child, exited } of started) {
      child.kill('SIGTERM');
      await exited;
    }
    for (const cluster of clusters) await cluster.close();
    await database?.destroy();
    await rm(home, { recursive: true, force: true });
  });

  /** Starts a server of a cluster, with a data directory that no server has used. */
  async function start(cluster: string, lease = '5s') {
    const dataDirectory = await mkdtemp(join(home, 'data-'));
    const server = new PorchProcess(
      [
        ...['serve', '--kubeconfig', cluster, '--data-dir', dataDirectory, '--listen', '127.0.0.1:0'],
        ...['--database-url-file', 'url', '--encryption-key-file', 'key', '--lease-duration', lease],
      ],
      { cwd: home },
    );
    started.push(server);
    return { server, dataDirectory };
  }
  const ready = ({ server }: { server: PorchProcess }) => server.printed(/Porch is ready at/);
  /** Starts a server that is to fail, and gives what it said. */
  async function startInVain(cluster: string) {
    const { server } = await start(cluster);
    await expect(ready({ server })).rejects.toThrow('porch ended before');
    return server.exited;
  }
  async function stop({ server }: { server: PorchProcess }) {
    server.child.kill('SIGTERM');
    return server.exited;
  }
  const word = ({ server }: { server: PorchProcess }, text: string) =>
    eventually(`"${text}" in the log`, async () => server.stderr.includes(text));
  const moved = 'the state was last used by servers of another cluster';

  it('of two that start in one moment one stays', async () => {
    const both = [await start('east'), await start('west')];
    const outcomes = await Promise.allSettled(both.map(ready));
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const codes = await Promise.all(both.map(async (one) => (await stop(one)).code));
    expect(codes.toSorted()).toEqual([0, 2]);
  });

  it('a second cluster is refused, and another server of the first is not', async () => {
    const east = await start('east');
    await ready(east);
    const { code, stderr } = await startInVain('west');
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/a server of another cluster works on the database \(process \d+ on .* give each cluster/),
    ]);
    expect(stderr).toContain('the namespace kube-system has the UID uid-of-east there, and uid-of-west here');
    const another = await start('east');
    await ready(another);
    for (const one of [east, another]) expect(await stop(one)).toMatchObject({ code: 0 });
    expect(another.server.stderr).not.toContain(moved);
  });

  it('the state moves to the second when the servers of the first have been stopped', async () => {
    west = await start('west');
    await ready(west);
    expect(west.server.stderr).toContain(moved);
    expect(await startInVain('east')).toMatchObject({ code: 2 });
  });

  it('a cluster that nothing tells from others is served, and the log says that others would not be seen', async () => {
    const bare = await start('bare');
    await ready(bare);
    expect(bare.server.stderr).toContain('the cluster has no namespace kube-system');
    expect(bare.server.stderr).not.toContain(moved);
    await stop(bare);
  });

  it('one that was killed is waited for until it is known to be dead', async () => {
    await west.server.kill(west.dataDirectory);
    const east = await start('east', '60s');
    await word(east, 'have not signed off');
    await ready(east);
    await east.server.kill(east.dataDirectory);
  });

  it('a database that goes away meanwhile is waited for, and whoever waits ends when it is told to', async () => {
    west = await start('west');
    await word(west, 'have not signed off');
    await database.stop();
    await word(west, 'trying again');
    west.server.child.kill('SIGTERM');
    expect(await west.server.exited).toMatchObject({ code: 0, stdout: '' });
  });
});
