import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventually, eventuallyHolds } from '../harness/eventually.ts';
import { expectStatus, Packages, revisionsPath } from '../harness/packages.ts';
import type { Porch } from '../harness/porch.ts';
import type { Remote } from '../harness/remote.ts';
import { canRunPostgres, type Replicas, startReplicas } from '../harness/replicas.ts';
import { unsettledPushes } from '../harness/scrape.ts';
import { SeededRandom } from '../harness/seeded-random.ts';
import { AllFacts } from './facts.ts';
import { Follower } from './follower.ts';
import { publishedByOthers } from './published-by-others.ts';
import { RandomWriter, tallies } from './random-writer.ts';

const seed = Number(process.env.PORCH_REPLICAS_SEED ?? 20_261_127);
/** Each kills a server, the one that looks after the repository, and the database, in this order. */
const rounds = Number(process.env.PORCH_REPLICAS_ROUNDS ?? 1);
const writers = 3;

/** Waits until a server says that it has lost the database, and what its clients are to do. */
async function isCutOff(server: Porch): Promise<void> {
  const answer = await eventually('a refusal', async () => {
    const answered = await server.http('GET', revisionsPath);
    return answered.status === 200 ? undefined : answered;
  });
  expect(expectStatus(answer, 503)).toMatchObject({ reason: 'ServiceUnavailable', details: { retryAfterSeconds: 1 } });
  expect(answer.headers['retry-after']).toBe('1');
  expect([(await server.http('GET', '/livez')).status, (await server.http('GET', '/readyz')).status]).toEqual([
    200, 500,
  ]);
}

describe.skipIf(!canRunPostgres())(`three servers that fail in turn (seed ${seed})`, () => {
  let replicas: Replicas;
  let remote: Remote;
  beforeAll(async () => {
    replicas = await startReplicas({ servers: 3 });
    remote = await replicas.world.addRepository('repo');
  });
  afterAll(() => replicas?.close());

  it('lose nothing that was acknowledged, and show every change to everyone in order', async () => {
    const { servers, database } = replicas;
    const packages = servers.map((server) => new Packages(server));
    const [first] = packages;
    if (first === undefined) throw new Error('servers were asked for');
    const start = Number((await first.list()).metadata.resourceVersion);
    const followers = servers.map((_, n) => new Follower([...servers.slice(n), ...servers.slice(0, n)], start));
    const facts = new AllFacts();
    await publishedByOthers(replicas, remote, ['pkg-2'], facts);
    const random = new SeededRandom(seed);
    const all = Array.from(
      { length: writers },
      (_, n) =>
        new RandomWriter({
          servers,
          facts,
          random: new SeededRandom(seed + n),
          name: `w${n}`,
          packages: ['pkg-0', 'pkg-1', 'pkg-2'],
          failures: true,
        }),
    );
    let writing = true;
    const work = Promise.all(
      all.map(async (writer) => {
        while (writing) {
          await writer.step();
          await pause(10);
        }
      }),
    );
    onTestFinished(async () => {
      writing = false;
      await Promise.allSettled([work, ...followers.map((follower) => follower.stop())]);
    });
    const settled = (): Promise<unknown> =>
      eventuallyHolds(async () => {
        const before = facts.count;
        await pause(200);
        expect(facts.count, [...all, tallies(all)].join('; ')).toBeGreaterThan(before);
      });
    await settled();
    for (let round = 0; round < rounds; round++) {
      const server = random.pick(servers);
      await server.kill();
      await settled();
      await server.start();

      const holder = await replicas.caretaker('repo');
      await holder.kill();
      await eventually('another caretaker', async () => (await replicas.caretaker('repo')) !== holder);
      await settled();
      await holder.start();

      await database.stop('crash');
      await Promise.all(servers.map(isCutOff));
      await database.start();
      await settled();
    }
    writing = false;
    await work;
    for (const text of all.flatMap((writer) => [...writer.refused])) console.info(text);
    console.info(`seed ${seed}; ${tallies(all)}; watches begun: ${followers.map(({ begun }) => begun).join(', ')}`);

    // What was under way when servers died has been found out, and nothing is in the way of a synchronisation any more.
    await eventuallyHolds(async () =>
      expect(await Promise.all(servers.map(unsettledPushes))).toEqual(servers.map(() => 0)),
    );
    await eventuallyHolds(async () => {
      const { status } = await replicas.world.sync('repo');
      expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'DraftsMirrored', status: 'True' }));
    });
    await eventuallyHolds(async () => {
      const lists = await Promise.all(packages.map((one) => one.list()));
      for (const list of lists) expect(list).toEqual(lists[0]);
    });
    const list = await first.list();
    const files = async (name: string) => expectStatus(await first.resources(name), 200).spec.resources;
    expect(await facts.contradictions(list.items, await remote.refs(), files)).toEqual([]);

    const end = Number(list.metadata.resourceVersion);
    await eventually('all watchers at the end', async () => followers.every(({ position }) => position >= end));
    await Promise.all(followers.map((follower) => follower.stop()));
    const [one, ...others] = followers;
    expect(one?.changes.size).toBeGreaterThanOrEqual(facts.count);
    for (const follower of followers) expect(follower.errors).toEqual([]);
    for (const other of others) expect(other.changes).toEqual(one?.changes);
    for (const { metadata } of list.items) {
      expect(one?.changes.get(metadata.name)?.at(-1)?.split(' ')[1]).toBe(metadata.resourceVersion);
    }
  });

  it('end in good order when they are told to and the database is gone', async () => {
    const { servers, database } = replicas;
    await replicas.caretaker('repo');
    await database.stop('crash');
    const exits = await Promise.all(servers.map((server) => server.stop()));
    expect(exits.map((exit) => exit?.code)).toEqual([0, 0, 0]);
  });
});
