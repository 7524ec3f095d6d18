import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type ApiClient, apiClient, type Protocol } from '../harness/api-client.ts';
import { type Balancer, startBalancer } from '../harness/balancer.ts';
import { eventually } from '../harness/eventually.ts';
import { expectStatus, resourcesPath, revisionsPath } from '../harness/packages.ts';
import { canRunPostgres, type Replicas, startReplicas } from '../harness/replicas.ts';
import { wasNotBegun } from './not-begun.ts';

/** Sends a request, again only when a server says that it has not looked at it, as every HTTP/2 client does. */
async function send(client: ApiClient, ...request: Parameters<ApiClient['send']>): Promise<Answer> {
  for (;;) {
    try {
      return await client.send(...request);
    } catch (error) {
      if (!wasNotBegun(error)) throw error;
    }
  }
}

/** Long enough for the balancer to ask many times. */
const flags = ['--shutdown-delay-duration', '3s'];

describe.skipIf(!canRunPostgres())('servers behind a load balancer that are restarted one after the other', () => {
  let replicas: Replicas;
  let balancer: Balancer;
  const clients: ApiClient[] = [];
  beforeAll(async () => {
    replicas = await startReplicas({ servers: 2, flags });
    await replicas.world.addRepository('repo');
    balancer = await startBalancer(replicas.servers);
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await balancer?.close();
    await replicas?.close();
  });

  function client(protocol: Protocol): ApiClient {
    const [server] = replicas.servers;
    if (server === undefined) throw new Error('servers were asked for');
    const made = apiClient({ ...server.connection, address: balancer.address }, protocol);
    clients.push(made);
    return made;
  }

  it('drop no request', async () => {
    let running = true;
    const answered = new Map<Protocol, number>();
    /** Reads and writes without end, and takes no answer but that it was done. */
    const work = async (protocol: Protocol, packageName: string): Promise<void> => {
      const through = client(protocol);
      const created = await send(through, 'POST', revisionsPath, {
        apiVersion: 'porch.kpt.dev/v1alpha1',
        kind: 'PackageRevision',
        metadata: { namespace: 'default' },
        spec: { repository: 'repo', packageName, workspaceName: 'v1' },
      });
      const path = `${resourcesPath}/${expectStatus(created, 201).metadata.name}`;
      for (let n = 0; running; n++) {
        const read = expectStatus(await send(through, 'GET', path), 200);
        const resources = { ...read.spec.resources, 'lines.txt': `${read.spec.resources['lines.txt'] ?? ''}${n}\n` };
        expectStatus(await send(through, 'PUT', path, { ...read, spec: { ...read.spec, resources } }), 200);
        answered.set(protocol, (answered.get(protocol) ?? 0) + 2);
      }
      const { spec } = expectStatus(await send(through, 'GET', path), 200);
      const lines: string[] = spec.resources['lines.txt'].split('\n').slice(0, -1);
      expect(lines).toEqual(lines.map((_, n) => String(n)));
    };
    const all = Promise.all([work('h2', 'a'), work('h2', 'b'), work('http/1.1', 'c')]);
    all.catch(() => {
      running = false; // told below
    });
    const progress = async (): Promise<void> => {
      const before = new Map(answered);
      await eventually('more answers', async () =>
        (['h2', 'http/1.1'] as const).every((each) => !running || (answered.get(each) ?? 0) > (before.get(each) ?? 0)),
      );
    };
    await progress();
    for (const server of replicas.servers) {
      const pid = await server.pid();
      await server.restart();
      expect(await server.pid()).not.toBe(pid);
      await balancer.allReady();
      await progress();
    }
    running = false;
    await all;
  });
});
