import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Json } from './harness/api-client.ts';
import { expectStatus, revisionsPath } from './harness/packages.ts';
import { gitSecret, startWorld, type World } from './harness/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.addRepository('blueprints');
  await world.addRepository('deployments', { deployment: true });
});
afterAll(() => world?.close());

/** The objects of the page, in order, with the places and Secrets that there are here. */
async function examples(): Promise<Json[]> {
  const text = await readFile(new URL('../docs/packages.md', import.meta.url), 'utf8');
  const here = text
    .replaceAll('https://git.example.com/me/blueprints.git', world.git.url('blueprints'))
    .replaceAll('blueprints-auth', gitSecret);
  return [...here.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml = '']) => parse(yaml) as Json);
}

it('the examples of docs/packages.md can be made, proposed and approved one after the other', async () => {
  const names: string[] = [];
  for (const object of await examples()) {
    const { name } = expectStatus(await world.porch.http('POST', revisionsPath, object), 201).metadata;
    names.push(name);
    expectStatus(await world.packages.propose(name), 200);
    expectStatus(await world.packages.approve(name), 200);
  }
  expect(names).toEqual([
    'blueprints.web.v1',
    'blueprints.web.v2',
    'deployments.shop.first',
    'deployments.from-git.first',
    'deployments.shop.second',
  ]);
  const upgraded = expectStatus(await world.packages.get('deployments.shop.second'), 200);
  expect(upgraded.spec.revision).toBe(2);
  expect(upgraded.status.upstreamLock.git.ref).toBe('web/v2');
});
