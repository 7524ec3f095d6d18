import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../harness/api-client.ts';
import { eventually } from '../harness/eventually.ts';
import { expectStatus, Packages } from '../harness/packages.ts';
import type { Porch } from '../harness/porch.ts';
import { canRunPostgres, type Replicas, startReplicas } from '../harness/replicas.ts';
import { counterLabel } from './facts.ts';
import { wasNotBegun } from './not-begun.ts';

/** Sends a request to one server after the other until one takes it, as clients behind a load balancer do. */
async function taken(servers: readonly Porch[], send: (packages: Packages) => Promise<Answer>): Promise<Answer> {
  for (let n = 0; ; n++) {
    const server = servers[n % servers.length];
    if (server === undefined) throw new Error('there are no servers');
    try {
      const answer = await send(new Packages(server));
      if (answer.status !== 503 || answer.headers['retry-after'] === undefined) return answer;
    } catch (error) {
      if (!wasNotBegun(error)) throw error;
    }
  }
}

describe.skipIf(!canRunPostgres())('two servers that are restarted in turn', () => {
  let replicas: Replicas;
  beforeAll(async () => {
    replicas = await startReplicas({ servers: 2 });
    await replicas.world.addRepository('repo');
  });
  afterAll(() => replicas?.close());

  it('answer every request that they have begun', async () => {
    const [a, b] = replicas.servers;
    if (a === undefined || b === undefined) throw new Error('two servers were asked for');
    let over = false;
    const acknowledged = [0, 0];
    const clients = [[a, b] as const, [b, a] as const].map(async (servers, n) => {
      const wanted = { repository: 'repo', packageName: `kept-${n}`, workspaceName: 'v1' };
      let object = expectStatus(await taken(servers, (packages) => packages.create(wanted)), 201);
      for (let count = 0; !over; ) {
        object.metadata.labels = { ...object.metadata.labels, [counterLabel]: String(count + 1) };
        const answer = await taken(servers, (packages) => packages.put(object));
        if (answer.status === 200) {
          count++;
          object = answer.json;
        } else {
          // Its push to Git may have come in between.
          expect(answer.status, answer.text).toBe(409);
          const read = await taken(servers, (packages) => packages.get(object.metadata.name));
          object = expectStatus(read, 200);
        }
        expect(object.metadata.labels?.[counterLabel] ?? '0').toBe(String(count));
        acknowledged[n] = count;
      }
    });
    const working = Promise.all(clients);
    working.catch(() => {
      over = true; // told below
    });
    const progress = async (): Promise<void> => {
      const before = [...acknowledged];
      await eventually('more writes', async () => over || acknowledged.every((count, n) => count > (before[n] ?? 0)));
    };
    await progress();
    for (const server of [a, b]) {
      await server.restart();
      await progress();
    }
    over = true;
    await working;
  });
});
