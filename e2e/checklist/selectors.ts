import { beforeAll, describe, expect, it } from 'vitest';
import { expectStatus, packagesPath, resourcesPath, revisionsPath } from '../harness/packages.ts';
import { editOf, type SharedWorld, selected } from './shared-world.ts';

/** What is expected of selectors. */
export function selectorChecks(shared: SharedWorld): void {
  describe('selectors', () => {
    beforeAll(async () => {
      const { packages } = shared.get();
      await shared.get().addRepository('chosen');
      const wanted = { repository: 'chosen', packageName: 'a/p' };
      const spec = { packageMetadata: { labels: { 'example.com/kind': 'network' } } };
      await packages.publish({ ...wanted, workspaceName: 'v1', metadata: { labels: { team: 'one' } }, spec });
      await packages.publish({ ...wanted, workspaceName: 'v2', task: editOf('chosen.a.p.v1') });
      expectStatus(await packages.create({ repository: 'chosen', packageName: 'q', workspaceName: 'v1' }), 201);
    });

    const [main, v1, v2, draft] = ['chosen.a.p.main', 'chosen.a.p.v1', 'chosen.a.p.v2', 'chosen.q.v1'];
    it.each([
      ['spec.packageName=a/p', [main, v1, v2]],
      ['spec.revision=2', [v2]],
      ['spec.revision=-1', [main]],
      ['spec.revision=0', [draft]],
      ['spec.workspaceName=v1', [v1, draft]],
      ['spec.lifecycle=Published', [main, v1, v2]],
      ['spec.lifecycle=Draft', [draft]],
      ['spec.packageName=a/p,spec.workspaceName=v2,spec.lifecycle=Published', [v2]],
      ['spec.packageMetadata.labels[example.com/kind]=network', [main, v1, v2]],
      ['spec.packageMetadata.labels[example.com/kind]=storage', []],
    ])('of fields: %s', async (fields, expected) => {
      const fieldSelector = `spec.repository=chosen,${fields}`;
      expect(await selected(shared.get(), { fieldSelector })).toEqual(expected);
    });

    it.each([
      ['team=one', [v1]],
      ['team=two', []],
      ['kpt.dev/latest-revision=true', [v2]],
    ])('of labels: %s', async (labelSelector, expected) => {
      const fieldSelector = 'spec.repository=chosen';
      expect(await selected(shared.get(), { fieldSelector, labelSelector })).toEqual(expected);
    });

    it('of a namespace: that of the request, or it is a mistake', async () => {
      const fieldSelector = 'spec.repository=chosen,metadata.namespace=default,spec.revision=2';
      expect(await selected(shared.get(), { fieldSelector })).toEqual([v2]);
      const { porch } = shared.get();
      const collections = [revisionsPath, resourcesPath, packagesPath];
      for (const path of [...collections, `${revisionsPath}?watch=1`]) {
        const query = `${path.includes('?') ? '&' : '?'}fieldSelector=metadata.namespace%3Dother`;
        const { message } = expectStatus(await porch.http('GET', `${path}${query}`), 400);
        expect(message).toBe(
          'field selector metadata.namespace=other contradicts the request, which is for namespace "default"',
        );
      }
      for (const path of collections) {
        const everywhere = path.replace('/namespaces/default', '');
        for (const [namespace, some] of [
          ['default', true],
          ['other', false],
        ]) {
          const query = `?fieldSelector=metadata.namespace%3D${namespace}&limit=1`;
          expect(expectStatus(await porch.http('GET', `${everywhere}${query}`), 200).items.length > 0).toBe(some);
        }
      }
    });
  });
}
