import { randomBytes, X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresServer } from '../../packages/apiserver/src/storage/postgres/postgres-server.test-support.ts';
import { type ApiClient, apiClient, type Json } from '../harness/api-client.ts';
import { eventually } from '../harness/eventually.ts';
import { type GitServer, startGitServer } from '../harness/git-server.ts';
import { expectStatus } from '../harness/packages.ts';
import { canRunPostgres, databaseUrlOf } from '../harness/replicas.ts';
import { runPorch } from '../harness/server-process.ts';
import { gitPassword, gitUser } from '../harness/world.ts';
import { AggregatedPorch } from './aggregated-porch.ts';
import { ControlPlane } from './control-plane.ts';
import { findControlPlane } from './control-plane-programs.ts';
import { shownCertificate } from './shown-certificate.ts';
import { Team } from './team.ts';

const programs = findControlPlane();

describe.skipIf(programs === undefined || !canRunPostgres())('two servers behind a kube-apiserver', () => {
  let git: GitServer;
  let plane: ControlPlane;
  let database: PostgresServer;
  let servers: readonly [AggregatedPorch, AggregatedPorch];
  let flags: readonly string[];
  let team: Team;
  const open: ApiClient[] = [];
  let drafts = 0;
  beforeAll(async () => {
    if (programs === undefined) return;
    git = await startGitServer({ users: { [gitUser]: gitPassword } });
    database = await PostgresServer.create();
    plane = await ControlPlane.start(programs);
    const [urlFile, keyFile] = [plane.path('database-url'), plane.path('key')];
    await writeFile(urlFile, `${databaseUrlOf(database)}\n`, { mode: 0o600 });
    await writeFile(keyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
    flags = [
      '--database-url-file',
      urlFile,
      '--encryption-key-file',
      keyFile,
      '--lease-duration',
      '5s',
      '--shutdown-delay-duration',
      '3s',
    ];
    const first = await AggregatedPorch.install(plane);
    servers = [first, await AggregatedPorch.another(plane, 'api-2')];
    for (const server of servers) await server.start(...flags);
    await first.available();
    team = await Team.create(plane, git, 'team-a');
    await team.addRepository('blueprints');
  });
  afterAll(async () => {
    for (const client of open) client.close();
    for (const server of servers ?? []) await server.stop();
    await plane?.close();
    await database?.destroy();
    await git?.close();
  });

  /** The authority that the cluster verifies servers by. */
  async function authority(): Promise<string> {
    const path = ['get', 'apiservice', 'v1alpha1.porch.kpt.dev', '-o', 'jsonpath={.spec.caBundle}'];
    return Buffer.from(await plane.kubectl(path), 'base64').toString();
  }

  /** A client of one of the servers, past the aggregator, as the editor. */
  async function past(server: AggregatedPorch): Promise<ApiClient> {
    const identity = await plane.certificate('clients', team.editor.name);
    const client = apiClient({ address: server.address, authority: await authority(), ...identity });
    open.push(client);
    return client;
  }

  it('show certificates of the one authority that the cluster knows, and elect nobody there', async () => {
    for (const server of servers) expect((await (await past(server)).send('GET', '/readyz')).status).toBe(200);
    const leases = ['get', 'leases', '-n', 'porch-system', '-o', 'name'];
    expect(await plane.kubectl(leases)).toBe('');
  });

  it('read at once what the other has written, whichever the aggregator asks', async () => {
    const clients = [await past(servers[0]), await past(servers[1])];
    for (let n = 0; n < 10; n++) {
      const { name } = expectStatus(await team.create('blueprints', `fresh-${n}`), 201).metadata;
      for (const client of clients) {
        expectStatus(await client.send('GET', team.path('packagerevisions', name)), 200);
      }
    }
    const published = await team.publish('blueprints', 'shared');
    for (const client of clients) {
      const { spec } = expectStatus(
        await client.send('GET', team.path('packagerevisions', published.metadata.name)),
        200,
      );
      expect(spec.lifecycle).toBe('Published');
    }
  });

  it('take up a new authority one after the other, and no request is refused meanwhile', async () => {
    const old = await authority();
    const rotation = ['rotate-ca', '--sign-after', '10s', '--data-dir', plane.path('rotation')];
    const { code, stdout } = await runPorch([...rotation, ...flags.slice(0, 4)], plane.directory);
    expect([code, stdout]).toEqual([0, expect.stringContaining('signs from')]);
    const both = await eventually('both authorities in the APIService', async () => {
      const bundle = await authority();
      return bundle !== old && bundle;
    });
    const successor = both.replace(old, '');
    expect([both.includes(old), successor.split('BEGIN CERTIFICATE').length]).toEqual([true, 2]);
    const codes = new Set<number>();
    await eventually('certificates of the new authority', async () => {
      codes.add((await team.get('none')).status);
      const shown = await Promise.all(servers.map((server) => shownCertificate(server.address)));
      return shown.every((certificate) => certificate.verify(new X509Certificate(successor).publicKey));
    });
    await eventually('the new authority first in the APIService', async () =>
      (await authority()).startsWith(successor),
    );
    codes.add((await team.get('none')).status);
    expect(codes).toEqual(new Set([404]));
    const bundle = 'jsonpath={.webhooks[0].clientConfig.caBundle}';
    await eventually('the same in the configuration of the webhook', async () => {
      const webhook = ['get', 'validatingwebhookconfiguration', 'porch-repositories', '-o', bundle];
      return Buffer.from(await plane.kubectl(webhook), 'base64').toString() === `${successor}${old}`;
    });
  });

  it('are restarted one after the other, and no request is refused, nor a write made twice or not at all', async () => {
    let running = true;
    const drafts: string[] = [];
    const client = async (name: string) => {
      const { metadata } = expectStatus(await team.create('blueprints', name), 201);
      drafts.push(metadata.name);
      for (let n = 0; running; n++) {
        expectStatus(await team.get(metadata.name), 200);
        drafts.push(expectStatus(await team.create('blueprints', `${name}-${n}`), 201).metadata.name);
      }
    };
    const clients = Promise.all([client('rolling-a'), client('rolling-b')]);
    clients.catch(() => {
      running = false;
    });
    for (const server of servers) {
      // As in a cluster, where a pod that is to end leaves the Service in the moment when it is told so.
      const stopped = server.stop();
      await server.strike();
      await stopped;
      await server.start(...flags);
      await server.enlist();
      await server.available();
    }
    running = false;
    await clients;
    const { items } = expectStatus(await team.viewer.client.send('GET', team.path('packagerevisions')), 200);
    const names = items.map(({ metadata }: Json) => metadata.name).filter((name: string) => /rolling/.test(name));
    expect(names.sort()).toEqual(drafts.sort());
  });

  it('lose nothing that was acknowledged when the database is gone for a while, and come back by themselves', async () => {
    const first = expectStatus(await team.create('blueprints', 'before-outage'), 201);
    const watch = await team.watch(first.metadata.resourceVersion);
    const acknowledged = [first.metadata.name];
    let writing = true;
    const writer = (async () => {
      for (let n = 0; writing; n++) {
        const { status, json } = await team.create('blueprints', `outage-${n}`);
        if (status === 201) acknowledged.push(json.metadata.name);
        else expect([500, 503, 504]).toContain(status);
      }
    })();
    await eventually('some writes', async () => acknowledged.length > 3);
    await database.stop('crash');
    await eventually('a refusal', async () => (await team.create('blueprints', 'in-vain')).status === 503);
    await database.start();
    const { length } = acknowledged;
    await eventually('writes again', async () => acknowledged.length > length + 3);
    writing = false;
    await writer;
    const last = acknowledged.at(-1);
    await watch.find('the last draft, on the same watch', ({ object }) => object.metadata.name === last);
    const seen = new Set(watch.events.map(({ object }) => object.metadata.name));
    expect(acknowledged.slice(1).filter((name) => !seen.has(name))).toEqual([]);
    watch.leave();
    for (const server of servers) {
      const { items } = expectStatus(await (await past(server)).send('GET', team.path('packagerevisions')), 200);
      const names = new Set(items.map(({ metadata }: Json) => metadata.name));
      expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
      drafts = names.size;
    }
  });

  it('do for each other what the Repositories of the cluster want, when one of them is killed', async () => {
    const [first, second] = servers;
    // In turn, so that one of them was the one that looked after the repository.
    for (const [killed, n] of [
      [first, 1],
      [second, 2],
    ] as const) {
      await killed.kill();
      await killed.strike();
      expectStatus(await team.create('blueprints', `alone-${n}`), 201);
      await team.addRepository(`added-${n}`);
      await plane.kubectl(['-n', 'team-a', 'delete', 'repository', `added-${n}`, '--timeout=60s']);
      await killed.start(...flags);
      await killed.enlist();
      await killed.available();
    }
    await eventually('all drafts from both', async () => {
      const lists = await Promise.all(
        servers.map(async (server) => (await past(server)).send('GET', team.path('packagerevisions'))),
      );
      return lists.every(({ json }) => json.items?.length === drafts + 2);
    });
  });
});
