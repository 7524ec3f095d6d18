import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from './harness/api-client.ts';
import { expectStatus, type Packages } from './harness/packages.ts';
import { startWorld, type World } from './harness/world.ts';

const initTask = { type: 'init', init: { description: 'A package for tests' } };
const ref = (name: string) => ({ name });

/** The owner that the Go project's controller of PackageVariants writes into what it makes. */
const owner = {
  apiVersion: 'config.porch.kpt.dev/v1alpha1',
  kind: 'PackageVariant',
  name: 'variant',
  uid: '4f7ad7d0-0c13-49c3-8728-a57741afbb4c',
  controller: true,
};

/** The requests of that controller, in its order and with its bodies: whole objects, as they came with the answer before. */
describe('a package that is kept in step with its upstream', () => {
  const [first, second] = ['edge.shop.packagevariant-1', 'edge.shop.packagevariant-2'];
  let world: World;
  let packages: Packages;
  beforeAll(async () => {
    world = await startWorld();
    packages = world.packages;
    await world.addRepository('blue');
    await world.addRepository('edge');
    await packages.publish({ repository: 'blue', packageName: 'web', workspaceName: 'v1', task: initTask });
  });
  afterAll(() => world?.close());

  async function create(workspaceName: string, task: Json, spec: Json = {}): Promise<Json> {
    const metadata = { labels: { team: 'a' }, annotations: { note: 'b' }, ownerReferences: [owner] };
    const wanted = { repository: 'edge', packageName: 'shop', workspaceName, task, spec, metadata };
    return expectStatus(await packages.create(wanted), 201);
  }
  async function put(object: Json): Promise<Json> {
    return expectStatus(await packages.put(object), 200);
  }
  async function publish(name: string): Promise<Json> {
    expectStatus(await packages.propose(name), 200);
    return expectStatus(await packages.approve(name), 200);
  }
  const upgrade = (oldName: string, newName: string, local: string) => ({
    type: 'upgrade',
    upgrade: {
      oldUpstreamRef: ref(oldName),
      newUpstreamRef: ref(newName),
      localPackageRevisionRef: ref(local),
      strategy: 'resource-merge',
    },
  });

  it('is cloned, and changed at once', async () => {
    const clone = { type: 'clone', clone: { upstreamRef: { upstreamRef: ref('blue.web.v1') } } };
    const made = await create('packagevariant-1', clone);
    expect(made.metadata).toMatchObject({ name: first, labels: { team: 'a' }, ownerReferences: [owner] });
    expect(made.status.upstreamLock.git.ref).toBe('web/v1');
    const changed = await packages.replaceResources(first, (files) => {
      files.Kptfile +=
        'pipeline:\n  mutators:\n    - name: PackageVariant.variant.ns.0\n      image: set-namespace:v0.4.1\n';
      files.Kptfile += '      configMap: {namespace: west}\n';
    });
    expect(expectStatus(changed, 200).status.renderStatus.error).toBe('');
  });

  it('is upgraded to a newer upstream, in a draft with all that the published one said of itself', async () => {
    const published = await publish(first);
    const edit = { type: 'edit', edit: { sourceRef: ref('blue.web.v1') } };
    await packages.publish({ repository: 'blue', packageName: 'web', workspaceName: 'v2', task: edit });
    const { packageMetadata, readinessGates } = published.spec;
    const spec = { lifecycle: 'Draft', packageMetadata, readinessGates };
    const made = await create('packagevariant-2', upgrade('blue.web.v1', 'blue.web.v2', first), spec);
    expect(made.status.upstreamLock.git.ref).toBe('web/v2');
    const { resources } = expectStatus(await packages.resources(second), 200).spec;
    expect(resources.Kptfile).toContain('PackageVariant.variant.ns.0');
  });

  it('changes nothing when objects are written as they were read', async () => {
    const { items } = await packages.list();
    for (const item of items) {
      const object = { apiVersion: 'porch.kpt.dev/v1alpha1', kind: 'PackageRevision', ...item };
      expect((await put(object)).metadata.resourceVersion, item.metadata.name).toBe(item.metadata.resourceVersion);
    }
  });

  it('is let go of, and taken up again by another owner, without approvals', async () => {
    const published = expectStatus(await packages.get(first), 200);
    published.spec.lifecycle = 'DeletionProposed';
    const proposed = await put(published);
    delete proposed.metadata.ownerReferences;
    const orphan = await put(proposed);
    expect(orphan.metadata.ownerReferences).toBeUndefined();
    expectStatus(await packages.delete(second), 200);

    orphan.metadata.ownerReferences = [{ ...owner, uid: '7ab2ab73-196b-4c13-b7b7-f997574d2095' }];
    orphan.metadata.labels.team = 'c';
    const adopted = await put(orphan);
    adopted.spec.lifecycle = 'Published';
    const restored = await put(adopted);
    expect(restored.spec.lifecycle).toBe('Published');
    expect(restored.metadata.labels).toEqual({ team: 'c', 'kpt.dev/latest-revision': 'true' });
  });

  it('is upgraded from what followed the branch, where it came from a draft', async () => {
    const draft = { repository: 'blue', packageName: 'early', workspaceName: 'wip', task: initTask };
    expectStatus(await packages.create(draft), 201);
    const clone = { type: 'clone', clone: { upstreamRef: { upstreamRef: ref('blue.early.wip') } } };
    const downstream = { repository: 'edge', packageName: 'early', workspaceName: 'packagevariant-1', task: clone };
    const made = expectStatus(await packages.create(downstream), 201);
    expect(made.status.upstreamLock.git.ref).toBe('drafts/early/wip');
    await publish('blue.early.wip');
    await publish(made.metadata.name);
    const task = upgrade('blue.early.main', 'blue.early.wip', made.metadata.name);
    const upgraded = await packages.create({ ...downstream, workspaceName: 'packagevariant-2', task });
    expect(expectStatus(upgraded, 201).status.upstreamLock.git.ref).toBe('early/v1');
  });
});
