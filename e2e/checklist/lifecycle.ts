import { describe, expect, it } from 'vitest';
import { expectStatus } from '../harness/packages.ts';
import { deletePublished, editOf, initTask, type SharedWorld, unregister } from './shared-world.ts';

const latest = 'kpt.dev/latest-revision';

/** What is expected of deleting, of coming back, and of what is latest. */
export function lifecycleChecks(shared: SharedWorld): void {
  describe('lifecycle', () => {
    it.each(['v1', 'main'])(
      'the deletion of %s can be proposed, taken back, proposed again, and done',
      async (which) => {
        const { packages } = shared.get();
        const repository = `undo-${which}`;
        await shared.get().addRepository(repository);
        await packages.publish({ repository, packageName: 'p', workspaceName: 'v1' });
        const name = `${repository}.p.${which}`;
        const set = async (lifecycle: string) =>
          expect(expectStatus(await packages.setLifecycle(name, lifecycle, '/approval'), 200).spec.lifecycle).toBe(
            lifecycle,
          );
        await set('DeletionProposed');
        await set('Published');
        expect(expectStatus(await packages.delete(name), 403).message).toContain('must be proposed for deletion');
        await set('DeletionProposed');
        expectStatus(await packages.delete(name), 200);
        expectStatus(await packages.get(name), 404);
      },
    );

    it('a package that was deleted with its branch-tracking revision can be made again, with one task', async () => {
      const world = shared.get();
      await world.addRepository('again');
      const wanted = { repository: 'again', packageName: 'p', workspaceName: 'v1', task: initTask };
      const first = await world.packages.publish(wanted);
      for (const name of ['again.p.v1', 'again.p.main']) await deletePublished(world, name);
      expect(await world.packages.table('again')).toEqual([]);
      const second = await world.packages.publish(wanted);
      expect(second.spec.tasks).toEqual([initTask]);
      expect(second.spec.revision).toBe(1);
      expect(second.metadata.uid).not.toBe(first.metadata.uid);
      await world.sync('again');
      expect((await world.packages.get('again.p.v1')).json.spec.tasks).toEqual([initTask]);
    });

    it('branch-tracking revisions of two packages go first, the numbered ones after them', async () => {
      const world = shared.get();
      await world.addRepository('both');
      for (const packageName of ['a', 'b']) {
        await world.packages.publish({ repository: 'both', packageName, workspaceName: 'v1' });
      }
      for (const name of ['both.a.main', 'both.b.main']) await deletePublished(world, name);
      expect(await world.packages.table('both')).toEqual([
        'both.a.v1 a v1 1 Published init',
        'both.b.v1 b v1 1 Published init',
      ]);
      for (const name of ['both.a.v1', 'both.b.v1']) await deletePublished(world, name);
      await world.sync('both');
      expect(await world.packages.table('both')).toEqual([]);
    });

    it('the label of the latest goes to each new revision, back when that is deleted, and never to the branch', async () => {
      const world = shared.get();
      const { packages } = world;
      await world.addRepository('latest');
      const labelled = async (): Promise<string[]> => {
        const { items } = await packages.list('?fieldSelector=spec.repository%3Dlatest');
        return items
          .filter(
            ({ metadata }: { metadata: { labels?: Record<string, string> } }) => metadata.labels?.[latest] === 'true',
          )
          .map(({ metadata }: { metadata: { name: string } }) => metadata.name);
      };
      await packages.publish({ repository: 'latest', packageName: 'p', workspaceName: 'v1' });
      expect(await labelled()).toEqual(['latest.p.v1']);
      await packages.publish({
        repository: 'latest',
        packageName: 'p',
        workspaceName: 'v2',
        task: editOf('latest.p.v1'),
      });
      expect(await labelled()).toEqual(['latest.p.v2']);
      expectStatus(await packages.setLifecycle('latest.p.v2', 'DeletionProposed'), 200);
      expect(await labelled()).toEqual(['latest.p.v2']);
      expectStatus(await packages.delete('latest.p.v2'), 200);
      expect(await labelled()).toEqual(['latest.p.v1']);
    });

    it('a proposal that does not meet its readiness gates is published with a warning', async () => {
      const world = shared.get();
      const { packages } = world;
      await world.addRepository('gated');
      const spec = { readinessGates: [{ conditionType: 'example.com/checked' }] };
      expectStatus(await packages.create({ repository: 'gated', packageName: 'p', workspaceName: 'v1', spec }), 201);
      expectStatus(await packages.propose('gated.p.v1'), 200);
      const approved = await packages.approve('gated.p.v1');
      expect(expectStatus(approved, 200).spec.lifecycle).toBe('Published');
      expect(approved.headers.warning).toContain(
        'readiness gates are not met: example.com/checked (no such condition)',
      );
    });

    it('a revision and its branch-tracking one are there right after approval, and after registering anew', async () => {
      const world = shared.get();
      const { packages } = world;
      await world.addRepository('anew');
      await packages.publish({ repository: 'anew', packageName: 'p', workspaceName: 'v1' });
      const both = ['anew.p.main p main -1 Published -', 'anew.p.v1 p v1 1 Published init'];
      expect(await packages.table('anew')).toEqual(both);
      await unregister(world, 'anew');
      await world.register('anew');
      await world.ready('anew');
      expect(await packages.table('anew')).toEqual(both);
      await deletePublished(world, 'anew.p.v1');
      expect(await packages.table('anew')).toEqual(both.slice(0, 1));
      await unregister(world, 'anew');
      await world.register('anew');
      await world.ready('anew');
      expect(await packages.table('anew')).toEqual(both.slice(0, 1));
    });
  });
}
