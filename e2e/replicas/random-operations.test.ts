import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventuallyHolds } from '../harness/eventually.ts';
import { expectStatus, Packages } from '../harness/packages.ts';
import type { Remote } from '../harness/remote.ts';
import { canRunPostgres, type Replicas, startReplicas } from '../harness/replicas.ts';
import { SeededRandom } from '../harness/seeded-random.ts';
import { AllFacts } from './facts.ts';
import { publishedByOthers } from './published-by-others.ts';
import { RandomWriter, tallies } from './random-writer.ts';

const seed = Number(process.env.PORCH_REPLICAS_SEED ?? 20_261_127);
/** 2 000 take several minutes. */
const operations = Number(process.env.PORCH_REPLICAS_OPERATIONS ?? 300);
const writers = 4;

describe.skipIf(!canRunPostgres())(`two servers, ${operations} operations at random (seed ${seed})`, () => {
  let replicas: Replicas;
  let remote: Remote;
  beforeAll(async () => {
    replicas = await startReplicas({ servers: 2 });
    remote = await replicas.world.addRepository('repo');
  });
  afterAll(() => replicas?.close());

  it('lose no update, use no number twice, move no tag, and show the same', async () => {
    const facts = new AllFacts();
    const packages = Array.from({ length: 6 }, (_, n) => `pkg-${n}`);
    await publishedByOthers(replicas, remote, packages.slice(3), facts);
    const before = facts.count;
    expect(before).toBe(9);
    const all = Array.from(
      { length: writers },
      (_, n) =>
        new RandomWriter({
          servers: replicas.servers,
          facts,
          random: new SeededRandom(seed + n),
          name: `w${n}`,
          packages,
          failures: false,
        }),
    );
    let left = operations;
    await Promise.all(
      all.map(async (writer) => {
        while (left-- > 0) await writer.step();
      }),
    );
    for (const text of all.flatMap((writer) => [...writer.refused])) console.info(text);
    console.info(`seed ${seed}, ${operations} operations; ${tallies(all)}`);
    const [a, b] = replicas.servers.map((server) => new Packages(server));
    if (a === undefined || b === undefined) throw new Error('two servers were asked for');
    const objects = (await a.list()).items;
    const files = async (name: string) => expectStatus(await b.resources(name), 200).spec.resources;
    expect(await facts.contradictions(objects, await remote.refs(), files)).toEqual([]);
    expect(facts.count - before).toBeGreaterThan(operations / 20);
    await eventuallyHolds(async () => expect(await b.list()).toEqual(await a.list()));
    await replicas.world.sync('repo');
    const afterwards = (await b.list()).items;
    expect(await facts.contradictions(afterwards, await remote.refs(), files)).toEqual([]);
  });
});
