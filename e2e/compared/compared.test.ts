import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ControlPlane } from '../aggregated/control-plane.ts';
import { findControlPlane } from '../aggregated/control-plane-programs.ts';
import { type Porch, startPorch } from '../harness/porch.ts';
import { SeededRandom } from '../harness/seeded-random.ts';
import { BothServers } from './both-servers.ts';
import { RandomWrites, writtenResources } from './random-writes.ts';
import { sameRequests } from './same-requests.ts';
import { withoutChance } from './without-chance.ts';

const programs = findControlPlane();
/** Others are tried with PORCH_COMPARED_SEED and PORCH_COMPARED_OBJECTS. */
const seed = Number(process.env.PORCH_COMPARED_SEED ?? 20_261_127);
const objects = Number(process.env.PORCH_COMPARED_OBJECTS ?? 30);
const writesEach = 12;

describe.skipIf(programs === undefined)('a kube-apiserver and this server', () => {
  let plane: ControlPlane;
  let porch: Porch;
  let both: BothServers;
  beforeAll(async () => {
    if (programs === undefined) return;
    // One after the other: what has been started is ended also when the other one cannot be.
    plane = await ControlPlane.start(programs);
    porch = await startPorch();
    both = new BothServers({ kubernetes: (await plane.admin()).client, ours: porch.client });
    await both.prepare();
  });
  afterAll(async () => {
    await porch?.close();
    await plane?.close();
  });

  it(`make the same of random writes, and see the same owners of fields (seed ${seed})`, async () => {
    const random = new SeededRandom(seed);
    for (let index = 0; index < objects; index++) {
      const writes = new RandomWrites(random, random.pick(writtenResources), `random-${index}`);
      const sent: string[] = [];
      for (let count = 0; count < writesEach; count++) {
        const request = writes.next();
        sent.push(`${request.method} ${request.path} ${request.type ?? ''} ${JSON.stringify(request.body)}`);
        const { kubernetes, ours } = await both.send(request);
        expect(withoutChance(ours), `seed ${seed}:\n${sent.join('\n')}`).toEqual(withoutChance(kubernetes));
      }
      for (const request of writes.end()) await both.send(request);
    }
  });

  it.each(sameRequests)('answer with the same code and reason: %s', async (_, request) => {
    const { kubernetes, ours } = await both.send(request);
    const told = ({ status, json }: typeof ours) => [status, json?.reason];
    expect(told(ours), `${kubernetes.text}\n${ours.text}`).toEqual(told(kubernetes));
  });
});
