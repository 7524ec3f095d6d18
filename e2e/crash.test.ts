import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from './harness/api-client.ts';
import { eventuallyHolds } from './harness/eventually.ts';
import { contentOf, type Known, PackageWriter } from './harness/package-writer.ts';
import { expectStatus } from './harness/packages.ts';
import type { Remote } from './harness/remote.ts';
import { SeededRandom } from './harness/seeded-random.ts';
import { startWorld, type World } from './harness/world.ts';

const seed = Number(process.env.PORCH_CRASH_SEED ?? 20_261_122);
const rounds = Number(process.env.PORCH_CRASH_ROUNDS ?? 6);
const writersPerRound = 4;

/** When the server dies: at a push (as it arrives, or so many milliseconds later), or after so many answers. */
type Moment =
  | { readonly at: 'push'; readonly number: number; readonly delayMs: number; readonly hold: boolean }
  | { readonly at: 'answer'; readonly number: number };

let world: World;
let remote: Remote;
let onPush: ((repository: string) => Promise<void> | void) | undefined;

beforeAll(async () => {
  world = await startWorld({
    git: {
      onRequest: async ({ method, service, repository }) => {
        if (method === 'POST' && service === 'git-receive-pack') await onPush?.(repository);
      },
    },
  });
  remote = await world.addRepository('crash');
});
afterAll(() => world?.close());

function chooseMoment(random: SeededRandom, round: number): Moment {
  if (round % 3 === 2) return { at: 'answer', number: random.integer(8, 40) };
  return { at: 'push', number: random.integer(3, 14), delayMs: random.integer(0, 60), hold: round % 3 === 0 };
}

/** Lets all write until the server dies at the chosen moment. */
async function runUntilKilled(writers: readonly PackageWriter[], moment: Moment): Promise<void> {
  let stopped = false;
  const died = Promise.withResolvers<void>();
  const kill = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    await world.porch.kill();
    died.resolve();
  };
  let pushes = 0;
  onPush = async () => {
    if (moment.at !== 'push' || ++pushes !== moment.number) return;
    if (moment.hold) return kill();
    void pause(moment.delayMs).then(kill).catch(died.reject);
  };
  let answers = 0;
  const count = (): boolean => {
    if (moment.at === 'answer' && !stopped && ++answers === moment.number) void kill().catch(died.reject);
    return stopped;
  };
  const run = async (writer: PackageWriter): Promise<void> => {
    try {
      await writer.run(count);
    } catch (error) {
      stopped = true;
      died.reject(error);
    }
  };
  await Promise.all([died.promise, ...writers.map(run)]);
  onPush = undefined;
}

/** The references that follow from what the API shows. */
function expectedReferences(items: readonly Json[]): string[] {
  return items.flatMap(({ spec }) => {
    const { packageName, workspaceName, revision = 0, lifecycle } = spec;
    if (lifecycle === 'Draft') return [`heads/drafts/${packageName}/${workspaceName}`];
    if (lifecycle === 'Proposed') return [`heads/proposed/${packageName}/${workspaceName}`];
    if (revision < 0) return [];
    const tag = `tags/${packageName}/v${revision}`;
    return lifecycle === 'DeletionProposed' ? [tag, `heads/deletionProposed/${packageName}/v${revision}`] : [tag];
  });
}

/** Waits until Git and the API say the same, and gives the revisions by name. */
async function settled(): Promise<Map<string, Json>> {
  return eventuallyHolds(async () => {
    const { items } = await world.packages.list('?fieldSelector=spec.repository%3Dcrash');
    const refs = await remote.refs();
    expect(Object.keys(refs).sort()).toEqual(['heads/main', ...expectedReferences(items)].sort());
    for (const { metadata, spec, status } of items) {
      const { packageName, revision = 0 } = spec;
      if (revision > 0)
        expect(refs[`tags/${packageName}/v${revision}`], metadata.name).toBe(status.selfLock.git.commit);
      const ref = expectedReferences([{ spec }])[0] ?? 'heads/main';
      const resources = expectStatus(await world.packages.resources(metadata.name), 200).spec.resources;
      const files = await remote.files(`refs/${ref}`, packageName);
      expect(contentOf(files), metadata.name).toBe(contentOf(resources));
      expect(Object.keys(files).sort(), metadata.name).toEqual(Object.keys(resources).sort());
    }
    return new Map(items.map((item: Json) => [item.metadata.name, item]));
  });
}

/** What the API shows of a revision, as a writer would know it. */
async function observed(object: Json | undefined): Promise<Known> {
  if (object === undefined) return { lifecycle: 'absent', content: 0, label: 0 };
  const { metadata, spec, status } = object;
  const content = contentOf(expectStatus(await world.packages.resources(metadata.name), 200).spec.resources);
  const label = Number(metadata.labels?.step ?? 0);
  const published =
    spec.lifecycle === 'Published'
      ? { published: { revision: spec.revision, commit: status.selfLock.git.commit } }
      : {};
  return { lifecycle: spec.lifecycle, content, label, ...published };
}

/** Compares what one writer was told with what is there; then the writer takes what is there for true. */
async function compare(writer: PackageWriter, objects: ReadonlyMap<string, Json>): Promise<void> {
  const { unknown } = writer;
  for (const workspace of new Set([...writer.known.keys(), ...(unknown === undefined ? [] : [unknown.workspace])])) {
    const name = writer.name(workspace);
    const actual = await observed(objects.get(name));
    const acknowledged = writer.known.get(workspace) ?? { lifecycle: 'absent', content: 0, label: 0 };
    const possible: Json[] = [acknowledged];
    if (unknown?.workspace === workspace) {
      const { result } = unknown;
      possible.push(unknown.what === 'approve' ? { ...result, published: expect.anything() } : result);
    }
    expect(possible, `${name}${unknown?.workspace === workspace ? `, ${unknown.what} unanswered` : ''}`).toContainEqual(
      actual,
    );
    writer.known.set(workspace, actual);
  }
  writer.unknown = undefined;
  const numbers = [...objects.values()]
    .filter(({ spec }) => spec.packageName === writer.packageName && spec.revision > 0)
    .map(({ spec }) => spec.revision);
  expect(new Set(numbers).size, `revision numbers of ${writer.packageName}: ${numbers}`).toBe(numbers.length);
}

describe(`a server that is killed in the middle of writes (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  const writers: PackageWriter[] = [];
  let broken = false;
  beforeEach(({ skip, onTestFailed }) => {
    if (broken) skip('what came before failed');
    onTestFailed(() => {
      broken = true;
    });
  });

  it.for(Array.from({ length: rounds }, (_, round) => round))(
    'round %i loses nothing it acknowledged and leaves nothing half done',
    async (round) => {
      while (writers.length < writersPerRound) {
        writers.push(new PackageWriter(world.packages, 'crash', `pkg-${writers.length + 1}`, random));
      }
      const tags = await remote.refs();
      const moment = chooseMoment(random, round);
      await runUntilKilled(writers, moment);
      await world.porch.start();
      if (round % 2 === 1) {
        // Once more, while the server still puts right what the first crash left.
        await world.porch.kill();
        await world.porch.start();
      }
      const objects = await settled();
      for (const writer of writers) await compare(writer, objects);
      const refs = await remote.refs();
      for (const [ref, id] of Object.entries(tags)) if (ref.startsWith('tags/')) expect(refs[ref], ref).toBe(id);
      expect(writers.reduce((sum, { acknowledged }) => sum + acknowledged, 0)).toBeGreaterThan(0);
    },
  );

  it('goes on working: every package can be published once more', async () => {
    for (const { repository, packageName, known } of writers) {
      const draft = [...known].find(([, { lifecycle }]) => lifecycle === 'Draft' || lifecycle === 'Proposed');
      const numbers = [...known.values()].map(({ published }) => published?.revision ?? 0);
      const source = [...known].find(([, { lifecycle }]) => lifecycle === 'Published');
      let name = `${repository}.${packageName}.${draft?.[0]}`;
      if (draft === undefined) {
        const task = source && {
          type: 'edit',
          edit: { sourceRef: { name: `${repository}.${packageName}.${source[0]}` } },
        };
        const wanted = { repository, packageName, workspaceName: 'last', ...(task === undefined ? {} : { task }) };
        name = expectStatus(await world.packages.create(wanted), 201).metadata.name;
      }
      if (draft?.[1].lifecycle !== 'Proposed') expectStatus(await world.packages.propose(name), 200);
      const published = expectStatus(await world.packages.approve(name), 200);
      expect(published.spec.revision).toBe(Math.max(0, ...numbers) + 1);
    }
    await settled();
  });

  it('leaves repositories that git finds sound', async () => {
    await remote.git('fsck', '--strict', '--no-dangling');
    const before = await world.packages.table('crash');
    await world.sync('crash');
    expect(await world.packages.table('crash')).toEqual(before);
  });
});
