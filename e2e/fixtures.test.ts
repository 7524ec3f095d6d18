import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from './harness/api-client.ts';
import { revisionsInFixtures } from './harness/fixture-revisions.ts';
import { type FixtureRepository, findFixtureRepository } from './harness/fixtures.ts';
import { startWorld, type World } from './harness/world.ts';

const counts: Readonly<Record<FixtureRepository, number>> = {
  'test-blueprints': 16,
  'simple-repository': 8,
  'drafts-repository': 11,
  'nested-repository': 18,
};

/** The only task that the repositories tell of; no package of theirs has an upstream. */
const tasks: Readonly<Record<string, Json>> = {
  'drafts-repository pkg-with-history v1': [{ type: 'init', init: { description: 'sample description' } }],
};

/** A row of the table as the API has to show it: the lock of a draft names no commit, since that may change any moment. */
function expectedRevision(repository: FixtureRepository, row: string, url: string): Json {
  const [packageName = '', workspaceName, revision, lifecycle, ref = '', commit] = row.split(' ');
  const git = { repo: url, directory: packageName, ref: ref.replace(/^(tags|heads)\//, '') };
  return {
    name: `${repository}.${packageName.replaceAll('/', '.')}.${workspaceName}`,
    packageName,
    workspaceName,
    revision: Number(revision),
    lifecycle,
    tasks: tasks[`${repository} ${packageName} ${workspaceName}`] ?? [],
    selfLock: { type: 'git', git: lifecycle === 'Draft' ? git : { ...git, commit } },
    upstreamLock: {},
  };
}

function shownRevision({ metadata, spec, status }: Json): Json {
  const { packageName, workspaceName, revision = 0, lifecycle, tasks = [] } = spec;
  const { selfLock, upstreamLock } = status;
  return { name: metadata.name, packageName, workspaceName, revision, lifecycle, tasks, selfLock, upstreamLock };
}

const byName = (a: Json, b: Json): number => (a.name < b.name ? -1 : 1);

describe('the repositories of the Go implementation, registered over smart HTTP with a password', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world?.close());

  describe.each(Object.keys(revisionsInFixtures) as FixtureRepository[])('%s', (name) => {
    const archive = findFixtureRepository(name);

    it.skipIf(archive === undefined)('has exactly the revisions that its authors meant', async () => {
      const remote = await world.importRepository(name, archive ?? '');
      const before = await remote.refs();
      const { packages } = world;
      const expected = revisionsInFixtures[name].map((row) => expectedRevision(name, row, world.git.url(name)));
      const { items } = await packages.list(`?fieldSelector=spec.repository%3D${name}`);
      expect(items.map(shownRevision).sort(byName)).toEqual(expected.sort(byName));
      expect(items).toHaveLength(counts[name]);
      expect((await world.ready(name)).status.packageCount).toBe(counts[name]);
      const uids = new Set(items.map(({ metadata }: { metadata: { uid: string } }) => metadata.uid));
      expect(uids.size).toBe(counts[name]);

      const resources = await packages.resources(`${name}.${name === 'nested-repository' ? 'sample' : 'basens'}.v1`);
      const path = name === 'nested-repository' ? 'sample' : 'basens';
      const files = await remote.files(`refs/tags/${path}/v1`, path);
      const trimmed = Object.entries(resources.json.spec.resources as Record<string, string>);
      expect(Object.fromEntries(trimmed.map(([file, text]) => [file, text.replace(/\n$/, '')]))).toEqual(files);

      await world.sync(name);
      expect(await remote.refs()).toEqual(before);
    });
  });
});
