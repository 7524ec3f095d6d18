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

/** The patches of the page that add tasks. */
async function patchesOfTasks(): Promise<{ readonly name: string; readonly patch: Json }[]> {
  const text = await readFile(new URL('../docs/packages.md', import.meta.url), 'utf8');
  const commands = text.matchAll(/^kubectl patch packagerevision (\S+) --type json -p '([^']*\/spec\/tasks[^']*)'$/gms);
  return [...commands].map(([, name = '', patch = '']) => ({ name, patch: JSON.parse(patch) }));
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

  const edit = { type: 'edit', edit: { sourceRef: { name: 'deployments.shop.second' } } };
  const place = { repository: 'deployments', packageName: 'shop', workspaceName: 'third' };
  expectStatus(await world.packages.create({ ...place, task: edit }), 201);
  const patches = await patchesOfTasks();
  expect(patches.map(({ name }) => name)).toEqual(['deployments.shop.third', 'deployments.shop.third']);
  const upstreams: string[] = [];
  for (const { name, patch } of patches) {
    const headers = { 'content-type': 'application/json-patch+json' };
    expectStatus(await world.porch.http('PATCH', `${revisionsPath}/${name}`, patch, headers), 200);
    const { spec } = expectStatus(await world.packages.resources(name), 200);
    const kptfile = parse(spec.resources['tools/cache/Kptfile']);
    expect(kptfile.metadata.name).toBe('tools.cache');
    upstreams.push(kptfile.upstreamLock.git.ref);
  }
  expect(upstreams).toEqual(['web/v1', 'web/v2']);
});
