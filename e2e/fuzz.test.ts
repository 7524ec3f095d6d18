import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultOf } from './fuzz/check-answer.ts';
import { describeRequest } from './fuzz/fuzz-request.ts';
import { makeRequest } from './fuzz/make-request.ts';
import { rawRequests } from './fuzz/raw-requests.ts';
import { FuzzSender, sendRaw } from './fuzz/sender.ts';
import { canMeasure, type ServerLoad, serverLoad } from './fuzz/server-load.ts';
import { packageTargets, plainTargets, type Target } from './fuzz/targets.ts';
import { eventuallyHolds } from './harness/eventually.ts';
import { expectStatus, repositoriesPath } from './harness/packages.ts';
import { SeededRandom } from './harness/seeded-random.ts';
import { createSecret, gitPassword, gitSecret, startWorld, type World } from './harness/world.ts';

const seed = Number(process.env['PORCH_FUZZ_SEED'] ?? 1);
const requests = Number(process.env['PORCH_FUZZ_REQUESTS'] ?? 3000);
const chunk = 500;
const atOnce = 8;

describe(`a fuzzer over HTTP, seed ${seed}`, () => {
  const random = new SeededRandom(seed);
  let world: World;
  let sender: FuzzSender;
  let targets: readonly Target[] = [];
  let before: ServerLoad | undefined;

  beforeAll(async () => {
    world = await startWorld();
    sender = new FuzzSender(world.porch.connection);
    await world.addRepository('fuzz');
    const repository = expectStatus(await world.porch.http('GET', `${repositoriesPath}/fuzz`), 200);
    const { packages } = world;
    const published = await packages.publish({ repository: 'fuzz', packageName: 'base', workspaceName: 'v1' });
    const draft = expectStatus(
      await packages.create({ repository: 'fuzz', packageName: 'fuzzed', workspaceName: 'w1' }),
      201,
    );
    const names = [draft.metadata.name, published.metadata.name];
    const { name, labels } = repository.metadata;
    const template = { ...repository, metadata: { name, labels, annotations: { note: 'x' } }, status: undefined };
    targets = [...plainTargets, ...packageTargets(JSON.parse(JSON.stringify(template)), names)];
  });
  afterAll(async () => {
    sender?.close();
    await world?.close();
  });

  /** Makes again what the requests so far have removed. */
  async function restore(): Promise<void> {
    const { porch } = world;
    await eventuallyHolds(async () => {
      const namespace = await porch.http('POST', '/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'default' },
      });
      expect([201, 409]).toContain(namespace.status);
      await createSecret(porch, gitSecret, gitPassword);
    });
    for (const { collection, template } of targets) await porch.http('POST', collection, template);
  }

  async function fuzz(count: number, faults: string[]): Promise<number> {
    let unanswered = 0;
    let left = count;
    const worker = async (): Promise<void> => {
      while (left-- > 0) {
        const request = makeRequest(random, targets);
        const answer = await sender.send(request);
        if (answer.status === undefined) unanswered++;
        const fault = faultOf(request, answer);
        if (fault !== undefined) faults.push(`${fault.slice(0, 1000)}\n${describeRequest(request)}\n`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return unanswered;
  }

  it('is answered, and never with a 500', async () => {
    const faults: string[] = [];
    let unanswered = 0;
    for (let done = 0; done < requests; done += chunk) {
      await restore();
      unanswered += await fuzz(Math.min(chunk, requests - done), faults);
      if (done === 0 && canMeasure) before = await serverLoad(world.porch.dataDirectory);
    }
    expect(faults.join('\n'), `${faults.length} faults`).toBe('');
    expect(unanswered).toBeLessThan(requests / 20);
  });

  it('may send what is hardly HTTP', async () => {
    let answered = 0;
    for (const text of rawRequests) {
      const answer = await sendRaw(world.porch.connection, Buffer.from(text, 'latin1'));
      if (answer.startsWith('HTTP/1.1 ')) answered++;
      expect(answer, JSON.stringify(text.slice(0, 300))).not.toMatch(/^HTTP\/1\.1 5/m);
    }
    expect(answered).toBeGreaterThan(rawRequests.length / 2);
  });

  it.skipIf(!canMeasure)('leaves neither handles nor memory behind', async () => {
    const first = before;
    if (first === undefined) throw new Error('nothing was measured');
    sender.close();
    await eventuallyHolds(async () => {
      const now = await serverLoad(world.porch.dataDirectory);
      expect(now.handles).toBeLessThan(first.handles + 20);
      expect(now.residentMegabytes).toBeLessThan(first.residentMegabytes + 400);
    });
  });

  it('leaves a server that works as before', async () => {
    const { porch } = world;
    await restore();
    const maps = '/api/v1/namespaces/default/configmaps';
    const watch = await porch.watch(maps);
    expectStatus(
      await porch.http('POST', maps, { ...plainTargets[2]?.template, metadata: { name: 'after' }, data: { k: 'v' } }),
      201,
    );
    await watch.find('the new object', ({ type, object }) => type === 'ADDED' && object.metadata.name === 'after');
    watch.leave();
    expect(expectStatus(await porch.http('GET', `${maps}/after`), 200).data).toEqual({ k: 'v' });
    const { items } = expectStatus(await porch.http('GET', maps), 200);
    expect(items.map((item: { metadata: { name: string } }) => item.metadata.name)).toContain('after');
    expect(porch.output).not.toMatch(/an answer could not be sent|uncaught|unhandled|polluted/i);
  });
});
