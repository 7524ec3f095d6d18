/**
 * Informers of `@kubernetes/client-node`, which know nothing of this server, through a long run of random writes, cut connections, killed
 * servers and compacted logs. More or other runs: PORCH_INFORMER_SEEDS (numbers, separated by commas), PORCH_INFORMER_ROUNDS.
 */
import type { KubernetesObject } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventuallyHolds } from '../harness/eventually.ts';
import { forgetHistory } from '../harness/forget-history.ts';
import { expectStatus } from '../harness/packages.ts';
import { SeededRandom } from '../harness/seeded-random.ts';
import { startWorld, type World } from '../harness/world.ts';
import { BusyClients } from './busy-clients.ts';
import { FragileLink } from './fragile-link.ts';
import { byKey, KeptInformer, type Subject } from './kept-informer.ts';

const seeds = (process.env.PORCH_INFORMER_SEEDS ?? '20261127').split(',').map(Number);
const rounds = Number(process.env.PORCH_INFORMER_ROUNDS ?? 6);

const porch = '/apis/porch.kpt.dev/v1alpha1';
const subjects: readonly Subject[] = [
  { path: '/api/v1/configmaps' },
  { path: '/api/v1/configmaps', labelSelector: 'chosen=yes' },
  { path: '/api/v1/namespaces/other/configmaps' },
  { path: `${porch}/namespaces/default/packagerevisions` },
  { path: `${porch}/packagerevisions`, fieldSelector: 'spec.lifecycle=Proposed' },
  { path: `${porch}/namespaces/default/packagerevisionresources` },
  { path: `${porch}/namespaces/default/packages` },
];

let world: World;
let link: FragileLink;

beforeAll(async () => {
  world = await startWorld();
  await world.addRepository('repo');
  const other = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } };
  expectStatus(await world.porch.http('POST', '/api/v1/namespaces', other), 201);
  link = await FragileLink.open();
  link.leadTo(world.porch.connection.address);
});
afterAll(async () => {
  await link?.close();
  await world?.close();
});

type Trouble = 'cut' | 'crash' | 'compaction';

/** Every run has each kind of trouble; restarts, which take seconds, are rarer than cuts. */
function troubles(random: SeededRandom): Trouble[] {
  const chosen: Trouble[] = ['crash', 'compaction', 'cut'];
  while (chosen.length < rounds) chosen.push(random.next() < 0.75 ? 'cut' : random.pick(['crash', 'compaction']));
  return chosen
    .map((trouble) => ({ trouble, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ trouble }) => trouble);
}

async function restart(end: () => Promise<void>): Promise<void> {
  link.leadTo(undefined);
  await end();
  link.cut();
  await world.porch.start();
  link.leadTo(world.porch.connection.address);
}

async function compact(): Promise<void> {
  const { json } = await world.porch.http('GET', '/api/v1/namespaces?limit=1');
  await world.porch.stop();
  await forgetHistory(world.porch.dataDirectory, Number(json.metadata.resourceVersion));
}

async function listed({
  path,
  labelSelector = '',
  fieldSelector = '',
}: Subject): Promise<Map<string, KubernetesObject>> {
  const query = new URLSearchParams({ labelSelector, fieldSelector });
  return byKey(expectStatus(await world.porch.http('GET', `${path}?${query}`), 200).items);
}

it.each(seeds)('informers have what a list has, whatever happened (seed %i)', async (seed) => {
  const random = new SeededRandom(seed);
  const clients = new BusyClients(world, random, `s${seed}`);
  const connection = { ...world.porch.connection, address: link.address };
  const informers = subjects.map((subject) => new KeptInformer(connection, subject));
  try {
    await Promise.all(informers.map((informer) => informer.start()));
    let acknowledged = 0;
    for (const trouble of troubles(random)) {
      acknowledged += await clients.write(random.integer(15, 40));
      if (trouble === 'compaction') {
        // What is compacted away is what the informers have not seen.
        link.leadTo(undefined);
        link.cut();
        acknowledged += await clients.write(12);
        await restart(compact);
        continue;
      }
      const writing = clients.write(12);
      if (trouble === 'cut') link.cut();
      else await restart(() => world.porch.kill());
      acknowledged += await writing;
    }
    acknowledged += await clients.write(10);
    expect(acknowledged).toBeGreaterThan(rounds * 8);
    for (const informer of informers) {
      const { path, labelSelector = '', fieldSelector = '' } = informer.subject;
      const what = `${path} ${labelSelector}${fieldSelector}`;
      await eventuallyHolds(async () => {
        const there = await listed(informer.subject);
        expect(informer.cache, what).toEqual(there);
        expect(informer.told, what).toEqual(there);
      });
      expect(informer.faults, what).toEqual([]);
      expect(informer.effort.connections, what).toBeGreaterThan(2);
      expect(informer.effort.lists, what).toBeGreaterThan(1);
    }
  } finally {
    await Promise.all(informers.map((informer) => informer.stop()));
  }
});
