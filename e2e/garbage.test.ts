import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from './harness/api-client.ts';
import { eventually } from './harness/eventually.ts';
import { expectStatus, revisionsPath } from './harness/packages.ts';
import type { Remote } from './harness/remote.ts';
import { startWorld, type World } from './harness/world.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const mergePatch = { 'content-type': 'application/merge-patch+json' };

let world: World;
let remote: Remote;
let count = 0;

beforeAll(async () => {
  world = await startWorld();
  remote = await world.addRepository('repo');
});
afterAll(() => world?.close());

const http = (...request: Parameters<World['porch']['http']>) => world.porch.http(...request);
const reference = ({ apiVersion, kind, metadata: { name, uid } }: Json): Json => ({ apiVersion, kind, name, uid });
const gone = (path: string) =>
  eventually(`${path} to be gone`, async () => (await http('GET', path)).status === 404 || undefined);

async function configMap(owners: readonly Json[] = []): Promise<Json> {
  count++;
  const metadata = { name: `map-${count}`, ownerReferences: owners };
  return expectStatus(await http('POST', configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata }), 201);
}

async function draft(owners: readonly Json[] = []): Promise<Json> {
  count++;
  const wanted = { repository: 'repo', packageName: `p${count}`, workspaceName: 'v1' };
  return expectStatus(await world.packages.create({ ...wanted, metadata: { ownerReferences: owners } }), 201);
}

async function own(path: string, owner: Json): Promise<void> {
  const patch = { metadata: { ownerReferences: [reference(owner)] } };
  expectStatus(await http('PATCH', path, patch, mergePatch), 200);
}

const drafts = async (): Promise<string[]> =>
  (await remote.git('for-each-ref', '--format=%(refname)', 'refs/heads/drafts')).split('\n');

describe('owners and what they own', () => {
  it('a ConfigMap goes with the package revision that owns it', async () => {
    const owner = await draft();
    const owned = await configMap([reference(owner)]);
    const free = await configMap();
    expectStatus(await world.packages.delete(owner.metadata.name), 200);
    await gone(`${configMaps}/${owned.metadata.name}`);
    expectStatus(await http('GET', `${configMaps}/${free.metadata.name}`), 200);
  });

  it('a draft goes with the ConfigMap that owns it, and its branch with it', async () => {
    const owner = await configMap();
    const { metadata, spec } = await draft();
    const branch = `refs/heads/drafts/${spec.packageName}/v1`;
    await eventually('the branch', async () => (await drafts()).includes(branch));
    await own(`${revisionsPath}/${metadata.name}`, owner);
    expectStatus(await http('DELETE', `${configMaps}/${owner.metadata.name}`), 200);
    await gone(`${revisionsPath}/${metadata.name}`);
    await eventually('the branch to be gone', async () => !(await drafts()).includes(branch));
  });

  it('a published package revision stays, in the API and in Git, and an event says why', async () => {
    count++;
    const wanted = { repository: 'repo', packageName: `p${count}`, workspaceName: 'v1' };
    const { metadata } = await world.packages.publish(wanted);
    const tag = `refs/tags/${wanted.packageName}/v1`;
    const owner = await configMap();
    await own(`${revisionsPath}/${metadata.name}`, owner);
    const commit = await remote.git('rev-parse', tag);
    expectStatus(await http('DELETE', `${configMaps}/${owner.metadata.name}`), 200);
    const event = await eventually('the event', async () => {
      const selector = encodeURIComponent(`involvedObject.uid=${metadata.uid}`);
      const { items } = expectStatus(
        await http('GET', `/api/v1/namespaces/default/events?fieldSelector=${selector}`),
        200,
      );
      return items[0];
    });
    expect(event).toMatchObject({ type: 'Warning', reason: 'KeptWithoutOwners', count: 1 });
    expect(event.message).toContain('propose its deletion');
    expect((await world.packages.get(metadata.name)).json.spec.lifecycle).toBe('Published');
    expectStatus(await world.packages.setLifecycle(metadata.name, 'DeletionProposed'), 200);
    const probe = await configMap([reference(owner)]);
    await gone(`${configMaps}/${probe.metadata.name}`);
    expect((await world.packages.get(metadata.name)).json.spec.lifecycle).toBe('DeletionProposed');
    expect(await remote.git('rev-parse', tag)).toBe(commit);
  });

  it('kubectl deletes with every kind of cascade', async () => {
    const orphaned = await draft();
    const first = await configMap([reference(orphaned)]);
    await world.porch.kubectl(['delete', 'packagerevision', orphaned.metadata.name, '--cascade=orphan']);
    const { metadata } = expectStatus(await http('GET', `${configMaps}/${first.metadata.name}`), 200);
    expect(metadata).not.toHaveProperty('ownerReferences');

    const owner = await configMap();
    const { metadata: owned } = await draft([{ ...reference(owner), blockOwnerDeletion: true }]);
    const beside = await configMap([reference(owner)]);
    await world.porch.kubectl(['delete', 'configmap', owner.metadata.name, '--cascade=foreground']);
    await gone(`${revisionsPath}/${owned.name}`);
    await gone(`${configMaps}/${beside.metadata.name}`);

    const last = await configMap();
    const child = await configMap([reference(last)]);
    await world.porch.kubectl(['delete', 'configmap', last.metadata.name]);
    await gone(`${configMaps}/${child.metadata.name}`);
  });

  it('a dry run orphans and deletes nothing', async () => {
    const owner = await configMap();
    const child = await configMap([reference(owner)]);
    for (const policy of ['Orphan', 'Foreground', 'Background']) {
      expectStatus(
        await http('DELETE', `${configMaps}/${owner.metadata.name}?dryRun=All&propagationPolicy=${policy}`),
        200,
      );
    }
    expect(expectStatus(await http('GET', `${configMaps}/${owner.metadata.name}`), 200)).toEqual(owner);
    expect(expectStatus(await http('GET', `${configMaps}/${child.metadata.name}`), 200)).toEqual(child);
  });
});
