import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Controllers, startControllers } from '../harness/controllers.ts';
import { eventually } from '../harness/eventually.ts';
import { expectStatus, revisionsPath } from '../harness/packages.ts';
import type { Porch } from '../harness/porch.ts';
import type { Remote } from '../harness/remote.ts';
import { canRunPostgres, type Replicas, startReplicas } from '../harness/replicas.ts';
import type { World } from '../harness/world.ts';

const kptfile = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: found\n';

describe.skipIf(!canRunPostgres())('controllers in a process of their own', () => {
  let replicas: Replicas;
  let world: World;
  let server: Porch;
  let controllers: Controllers;
  let remote: Remote;
  beforeAll(async () => {
    replicas = await startReplicas({ servers: 1, flags: ['--controllers=false'] });
    world = replicas.world;
    server = world.porch;
    controllers = await startControllers(replicas.sharedFlags);
    remote = await world.addRepository('repo');
  });
  afterAll(async () => {
    await controllers?.close();
    await replicas?.close();
  });

  it('tell how they are', async () => {
    for (const path of ['livez', 'readyz', 'healthz']) {
      expect((await fetch(`${controllers.address}/${path}`)).status).toBe(200);
    }
    const metrics = await (await fetch(`${controllers.address}/metrics`)).text();
    expect(metrics).toContain('porch_repository_sync');
    expect(metrics).toMatch(/^apiserver_storage_group_size_count [1-9]/m);
    expect((await fetch(`${controllers.address}/api`)).status).toBe(404);
  });

  it('bring what they find in Git to watchers of the server', async () => {
    const watch = await server.watch(revisionsPath);
    await remote.push('main', { 'found/Kptfile': kptfile });
    await world.sync('repo');
    await watch.find(
      'the found package',
      ({ type, object }) => type === 'ADDED' && object.spec.packageName === 'found',
    );
    watch.leave();
    const files = expectStatus(await world.packages.resources('repo.found.main'), 200).spec.resources;
    expect(files.Kptfile).toBe(kptfile);
  });

  it('push drafts that the server has taken', async () => {
    expectStatus(await world.packages.create({ repository: 'repo', packageName: 'made', workspaceName: 'v1' }), 201);
    await eventually('the draft in Git', () => remote.id('heads/drafts/made/v1'));
    const { status } = await world.packages.publish({ repository: 'repo', packageName: 'out', workspaceName: 'v1' });
    expect((await remote.refs())['tags/out/v1']).toBe(status.selfLock.git.commit);
  });

  it('empty namespaces', async () => {
    const path = '/api/v1/namespaces';
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'passing' } };
    expectStatus(await server.http('POST', path, body), 201);
    expectStatus(await server.http('DELETE', `${path}/passing`), 200);
    await eventually('its end', async () => (await server.http('GET', `${path}/passing`)).status === 404);
  });

  it('are taken over from when they are killed', async () => {
    await controllers.kill();
    const next = await startControllers(replicas.sharedFlags);
    try {
      await remote.push('main', { 'later/Kptfile': kptfile });
      await world.sync('repo');
      expectStatus(await world.packages.get('repo.later.main'), 200);
    } finally {
      await next.close();
    }
  });
});
