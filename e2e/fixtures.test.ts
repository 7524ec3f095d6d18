import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixtureRepository, findFixtureRepository } from './harness/fixtures.ts';
import { startWorld, type World } from './harness/world.ts';

// Package, workspace, revision, lifecycle and task, from `git for-each-ref` and `git ls-tree` on the archives.
const expected: Readonly<Record<FixtureRepository, readonly string[]>> = {
  'test-blueprints': [
    'basens main -1 Published -',
    'basens v1 1 Published -',
    'basens v2 2 Published -',
    'basens v3 3 Published -',
    'basens v4 4 Published -',
    'bucket main -1 Published -',
    'bucket v1 1 Published -',
    'empty main -1 Published -',
    'empty v1 1 Published -',
    'redis-bucket main -1 Published -',
    'redis-bucket v1 1 Published -',
    'unready main -1 Published -',
    'unready v1 1 Published -',
    'update main -1 Published -',
    'update v1 1 Published -',
    'update v2 2 Published -',
  ],
  'simple-repository': [
    'basens main -1 Published -',
    'basens v1 1 Published -',
    'basens v2 2 Published -',
    'empty main -1 Published -',
    'empty v1 1 Published -',
    'istions main -1 Published -',
    'istions v1 1 Published -',
    'istions v2 2 Published -',
  ],
  'drafts-repository': [
    'basens main -1 Published -',
    'basens v1 1 Published -',
    'basens v2 2 Published -',
    'bucket v1 0 Draft -',
    'empty main -1 Published -',
    'empty v1 1 Published -',
    'istions main -1 Published -',
    'istions v1 1 Published -',
    'istions v2 2 Published -',
    'none v1 0 Draft -',
    'pkg-with-history v1 0 Draft init',
  ],
  'nested-repository': [
    'catalog/empty main -1 Published -',
    'catalog/empty v1 1 Published -',
    'catalog/gcp/bucket main -1 Published -',
    'catalog/gcp/bucket v1 1 Published -',
    'catalog/gcp/bucket v2 0 Draft -',
    'catalog/gcp/cloud-sql v1 0 Draft -',
    'catalog/gcp/spanner v1 0 Draft -',
    'catalog/namespace/basens main -1 Published -',
    'catalog/namespace/basens v1 1 Published -',
    'catalog/namespace/basens v2 2 Published -',
    'catalog/namespace/basens v3 3 Published -',
    'catalog/namespace/istions main -1 Published -',
    'catalog/namespace/istions v1 1 Published -',
    'catalog/namespace/istions v2 2 Published -',
    'catalog/namespace/istions v3 3 Published -',
    'sample main -1 Published -',
    'sample v1 1 Published -',
    'sample v2 2 Published -',
  ],
};

const counts: Readonly<Record<FixtureRepository, number>> = {
  'test-blueprints': 16,
  'simple-repository': 8,
  'drafts-repository': 11,
  'nested-repository': 18,
};

describe('the repositories of the Go implementation, registered over smart HTTP with a password', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world?.close());

  describe.each(Object.keys(expected) as FixtureRepository[])('%s', (name) => {
    const archive = findFixtureRepository(name);
    const rows = expected[name].map((row) => {
      const [packageName = '', workspace = ''] = row.split(' ');
      return `${name}.${packageName.replaceAll('/', '.')}.${workspace} ${row}`;
    });

    it.skipIf(archive === undefined)('has exactly the revisions that its authors meant', async () => {
      const remote = await world.importRepository(name, archive ?? '');
      const before = await remote.refs();
      const { packages } = world;
      expect((await packages.table(name)).sort()).toEqual(rows.sort());
      expect(rows).toHaveLength(counts[name]);
      expect((await world.ready(name)).status.packageCount).toBe(counts[name]);

      const { items } = await packages.list(`?fieldSelector=spec.repository%3D${name}`);
      const uids = new Set(items.map(({ metadata }: { metadata: { uid: string } }) => metadata.uid));
      expect(uids.size).toBe(counts[name]);
      for (const { metadata, spec, status } of items) {
        const { repo, directory, ref, commit } = status.selfLock.git;
        expect(repo).toBe(world.git.url(name));
        expect(directory).toBe(spec.packageName);
        if (spec.lifecycle === 'Draft') expect(ref).toBe(`drafts/${spec.packageName}/${spec.workspaceName}`);
        else expect(commit, metadata.name).toBe(await remote.git('rev-parse', `${ref}^{commit}`));
      }

      const resources = await packages.resources(`${name}.${name === 'nested-repository' ? 'sample' : 'basens'}.v1`);
      const path = name === 'nested-repository' ? 'sample' : 'basens';
      const files = await remote.files(`refs/tags/${path}/v1`, path);
      const trimmed = Object.entries(resources.json.spec.resources as Record<string, string>);
      expect(Object.fromEntries(trimmed.map(([file, text]) => [file, text.replace(/\n$/, '')]))).toEqual(files);

      await world.sync(name);
      expect(await remote.refs()).toEqual(before);
    });
  });

  const archive = findFixtureRepository('drafts-repository');
  it.skipIf(archive === undefined)('keeps the task that a history of commits tells', async () => {
    const { json } = await world.packages.get('drafts-repository.pkg-with-history.v1');
    expect(json.spec.tasks).toEqual([{ type: 'init', init: { description: 'sample description' } }]);
  });
});
