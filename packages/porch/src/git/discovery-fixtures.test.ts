import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { revisionsInFixtures } from '../../../../e2e/harness/fixture-revisions.ts';
import { type FixtureRepository, findFixtureRepository } from '../../../../e2e/harness/fixtures.ts';
import { startTestRemotes, type TestRemotes } from './discovery.test-support.ts';
import { discoverRevisions } from './discovery.ts';

let remotes: TestRemotes;
beforeAll(async () => {
  remotes = await startTestRemotes();
});
afterAll(() => remotes.close());

describe.each(Object.keys(revisionsInFixtures) as FixtureRepository[])('%s', (name) => {
  const archive = findFixtureRepository(name);
  const rows = revisionsInFixtures[name];

  it.skipIf(archive === undefined)('holds exactly the revisions its authors meant', async () => {
    const remote = await remotes.open(archive);
    const references = await remote.references();
    const found = await discoverRevisions({ mirror: remote.mirror, references, branch: 'main' });
    expect(
      found.revisions.map((revision) =>
        [
          revision.packageName,
          revision.workspaceName,
          revision.revision,
          revision.lifecycle,
          revision.ref.replace('refs/', ''),
          revision.commit,
        ].join(' '),
      ),
    ).toEqual(rows);
    expect(found.skipped).toEqual([]);

    for (const revision of found.revisions) {
      const place = `${revision.commit}:${revision.path}`;
      expect(revision.tree, place).toBe(await remote.git('rev-parse', place));
      expect(revision.kptfile, place).toBe(await remote.git('rev-parse', `${place}/Kptfile`));
      const history = revision.packageName === 'pkg-with-history';
      expect(revision.tasks, place).toEqual(
        history ? [{ type: 'init', init: { description: 'sample description' } }] : [],
      );
      // The branches of these repositories carry no annotations.
      const author = (await remote.git('log', '-1', '--format=%ae %at', revision.commit)).split(' ');
      const time = new Date(Number(author[1]) * 1000).toISOString();
      expect([revision.publishedBy, revision.publishTimestamp], place).toEqual(
        revision.revision > 0 ? [author[0], time] : [undefined, undefined],
      );
    }
  });
});
