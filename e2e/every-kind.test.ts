import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Json } from './harness/api-client.ts';
import { eventually } from './harness/eventually.ts';
import { expectStatus, resourcesPath, revisionsPath } from './harness/packages.ts';
import type { Remote } from './harness/remote.ts';
import { gitSecret, startWorld, type World } from './harness/world.ts';

/** A resource as discovery tells of it. */
interface Served {
  readonly root: string;
  readonly plural: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
}

const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'porch-viewer' };
const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['configmaps'] }];
const involvedObject = { kind: 'ConfigMap', namespace: 'default', name: 'x' };

/** What an object of each kind says beside its metadata, and for some its name. */
const samples: Record<string, (world: World) => { readonly name?: string; readonly body: Json }> = {
  configmaps: () => ({ body: { data: { a: 'b' } } }),
  secrets: () => ({ body: { type: 'Opaque', data: { a: 'Yg==' } } }),
  serviceaccounts: () => ({ body: {} }),
  namespaces: () => ({ body: {} }),
  events: () => ({ body: { involvedObject, reason: 'Tested', type: 'Normal' } }),
  'events.events.k8s.io': () => ({
    body: {
      eventTime: '2026-01-02T03:04:05.000000Z',
      reportingController: 'example.com/tester',
      reportingInstance: 'tester-1',
      action: 'Test',
      reason: 'Tested',
      regarding: involvedObject,
      type: 'Normal',
    },
  }),
  leases: () => ({ body: { spec: { holderIdentity: 'me', leaseDurationSeconds: 5 } } }),
  roles: () => ({ body: { rules } }),
  clusterroles: () => ({ body: { rules } }),
  rolebindings: () => ({ body: { roleRef: role, subjects: [] } }),
  clusterrolebindings: () => ({ body: { roleRef: role, subjects: [] } }),
  repositories: ({ git }) => ({
    body: { spec: { type: 'git', git: { repo: git.url('other'), secretRef: { name: gitSecret } } } },
  }),
  functionconfigs: () => ({ body: { spec: { image: 'set-labels', goExecutor: { tags: ['v9.9.9'] } } } }),
  packagerevisions: () => ({
    name: 'repo.every.v1',
    body: { spec: { repository: 'repo', packageName: 'every', workspaceName: 'v1', lifecycle: 'Draft' } },
  }),
};

const aggregated = 'application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io';
let world: World;
let remote: Remote;

beforeAll(async () => {
  world = await startWorld();
  remote = await world.addRepository('repo');
  await world.git.createRepository('other');
});
afterAll(() => world?.close());

const send = (method: string, path: string, body?: Json, type = 'application/json'): Promise<Answer> =>
  world.porch.http(method, path, body, body === undefined ? {} : { 'content-type': type });
const applied = 'application/apply-patch+yaml';
const patchTypes = ['merge', 'strategic-merge'].map((kind) => `application/${kind}-patch+json`);

async function discovered(): Promise<Served[]> {
  const found: Served[] = [];
  for (const root of ['/api', '/apis']) {
    const { items } = expectStatus(await world.porch.http('GET', root, undefined, { accept: aggregated }), 200);
    for (const { metadata, versions } of items) {
      for (const { version, resources } of versions) {
        const group = metadata.name ?? '';
        for (const { resource, responseKind, scope, verbs, subresources = [] } of resources) {
          found.push({
            root: group === '' ? `/api/${version}` : `/apis/${group}/${version}`,
            plural: resource,
            apiVersion: group === '' ? version : `${group}/${version}`,
            kind: responseKind.kind,
            namespaced: scope === 'Namespaced',
            verbs,
            subresources: subresources.map((each: Json) => each.subresource),
          });
        }
      }
    }
  }
  return found;
}

/** The sample for a group resource, or the one for its plural. */
const sampleOf = ({ plural, apiVersion }: Served) =>
  samples[`${plural}.${apiVersion.split('/')[0]}`] ?? samples[plural];

const collectionOf = ({ root, plural, namespaced }: Served): string =>
  namespaced ? `${root}/namespaces/default/${plural}` : `${root}/${plural}`;

/** Kinds whose deletion is answered with the object, as it was or as it waits. */
const shownDeleted = ['namespaces', 'packagerevisions', 'repositories', 'serviceaccounts'];

/** Everything that Git has. */
const references = async (): Promise<string> => remote.git('for-each-ref', '--format=%(refname) %(objectname)');

async function tryEveryWrite(served: Served, path: string, object: Json, configuration: Json): Promise<void> {
  const dry = async (method: string, target: string, body?: Json, type?: string) => {
    const answer = await send(method, `${target}${target.includes('?') ? '&' : '?'}dryRun=All`, body, type);
    expectStatus(answer, 200);
  };
  const change = { metadata: { labels: { mine: 'no', dry: 'run' } } };
  const metadata = { ...object.metadata, labels: { ...object.metadata.labels, dry: 'run' } };
  for (const target of [
    path,
    ...served.subresources.filter((name) => name === 'status').map((name) => `${path}/${name}`),
  ]) {
    await dry('PUT', target, { ...object, metadata });
    await dry('PATCH', target, change, patchTypes[0]);
    await dry(
      'PATCH',
      target,
      [{ op: 'add', path: '/metadata/annotations', value: { dry: 'run' } }],
      'application/json-patch+json',
    );
    const strategic = await send('PATCH', `${target}?dryRun=All`, change, patchTypes[1]);
    expectStatus(strategic, served.apiVersion.startsWith('config.porch.kpt.dev/') ? 415 : 200);
  }
  await dry(
    'PATCH',
    `${path}?fieldManager=dry&force=true`,
    { ...configuration, ...change, metadata: { ...configuration.metadata, ...change.metadata } },
    applied,
  );
  if (!served.verbs.includes('delete')) return;
  await dry('DELETE', path);
  for (const policy of ['Orphan', 'Foreground', 'Background'])
    await dry('DELETE', `${path}?propagationPolicy=${policy}`);
  if (served.verbs.includes('deletecollection')) {
    await dry(
      'DELETE',
      `${collectionOf(served)}?fieldSelector=${encodeURIComponent(`metadata.name=${object.metadata.name}`)}`,
    );
  }
}

const ownersOf = ({ metadata }: Json): string[] =>
  metadata.managedFields.map(({ manager, operation }: Json) => `${manager}/${operation}`);

describe('every kind that can be created', () => {
  it('is applied, tried without leaving anything, shared by managers, and deleted', async () => {
    const kinds = (await discovered()).filter(({ verbs }) => verbs.includes('delete') && verbs.includes('create'));
    for (const served of kinds) {
      const sample = sampleOf(served);
      if (sample === undefined) expect.fail(`there is no sample of ${served.plural}`);
      const { name = 'every', body } = sample(world);
      const { apiVersion, kind } = served;
      const collection = collectionOf(served);
      const path = `${collection}/${name}`;
      const configuration = { apiVersion, kind, metadata: { name, labels: { mine: 'yes' } }, ...body };
      const before = await references();
      expectStatus(await send('POST', `${collection}?dryRun=All`, configuration), 201);
      expectStatus(await send('PATCH', `${path}?dryRun=All&fieldManager=one`, configuration, applied), 201);
      expectStatus(await send('GET', path), 404);

      expectStatus(await send('PATCH', `${path}?fieldManager=one`, configuration, applied), 201);
      if (served.plural === 'repositories') await world.ready(name, 'False');
      if (served.plural === 'packagerevisions') {
        await eventually('the draft in Git', async () => (await references()).includes('refs/heads/drafts/every/v1'));
      }
      if (served.plural === 'functionconfigs') {
        await eventually('the status of the FunctionConfig', async () => (await send('GET', path)).json.status);
      }
      const object = expectStatus(await send('GET', path), 200);
      expect(ownersOf(object), path).toContain('one/Apply');
      const inGit = await references();

      const selector = encodeURIComponent(`metadata.name=${name}`);
      const watch = await world.porch.watch(
        `${collection}?fieldSelector=${selector}&resourceVersion=${object.metadata.resourceVersion}`,
      );
      await tryEveryWrite(served, path, object, configuration);
      expect(expectStatus(await send('GET', path), 200), path).toEqual(object);
      expect(await references()).toBe(inGit);

      const labelled = { apiVersion, kind, metadata: { name, labels: { shared: 'yes' } } };
      expectStatus(await send('PATCH', `${path}?fieldManager=two`, labelled, applied), 200);
      const shared = expectStatus(await send('GET', path), 200);
      expect(ownersOf(shared), path).toEqual(expect.arrayContaining(['one/Apply', 'two/Apply']));
      expect(shared.metadata.labels.shared).toBe('yes');
      const first = await watch.find('the label', ({ type }) => type === 'MODIFIED');
      expect(first.object.metadata.labels.shared, path).toBe('yes');
      expect(watch.events.filter(({ type }) => type !== 'BOOKMARK')).toHaveLength(1);
      watch.leave();

      expectStatus(await send('PATCH', `${path}?fieldManager=one`, configuration, applied), 200);
      const again = expectStatus(await send('GET', path), 200);
      expect(again.metadata.labels.shared, path).toBe('yes');
      expect(again.metadata.resourceVersion, path).toBe(shared.metadata.resourceVersion);

      const answer = expectStatus(await send('DELETE', path), 200);
      expect(answer.kind, path).toBe(shownDeleted.includes(served.plural) ? kind : 'Status');
      await eventually(`${path} to be gone`, async () => (await send('GET', path)).status === 404 || undefined);
      await eventually('Git as it was', async () => (await references()) === before || undefined);
    }
  });

  it('is created by a PUT only where Kubernetes does so, and with the permission to create', async () => {
    const expected: Record<string, number> = {
      configmaps: 404,
      secrets: 404,
      leases: 201,
      events: 201,
      roles: 201,
      rolebindings: 201,
    };
    await world.porch.kubectl([
      'create',
      'clusterrole',
      'updater',
      '--verb=update,get',
      '--resource=leases.coordination.k8s.io',
    ]);
    await world.porch.kubectl(['create', 'clusterrolebinding', 'updater', '--clusterrole=updater', '--user=bob']);
    for (const served of await discovered()) {
      const status = expected[served.plural];
      if (status === undefined || !served.root.endsWith('/v1')) continue;
      const path = `${collectionOf(served)}/put`;
      const { body } = sampleOf(served)?.(world) ?? { body: {} };
      const object = { apiVersion: served.apiVersion, kind: served.kind, metadata: { name: 'put' }, ...body };
      if (served.plural === 'leases') {
        const bob = { 'content-type': 'application/json', 'impersonate-user': 'bob' };
        const refused = await world.porch.http('PUT', path, object, bob);
        expect([refused.status, refused.json.message]).toEqual([
          403,
          expect.stringContaining('cannot create resource'),
        ]);
      }
      expectStatus(await send('PUT', `${path}?dryRun=All`, object), status);
      expectStatus(await send('GET', path), 404);
      expectStatus(await send('PUT', path, object), status);
      if (status !== 201) continue;
      const made = expectStatus(await send('GET', path), 200);
      expectStatus(await send('PUT', path, made), 200);
      expectStatus(await send('DELETE', path), 200);
    }
  });
});

it('the whole life of a package revision can be tried without leaving anything', async () => {
  const { packages, porch } = world;
  const { metadata } = expectStatus(
    await packages.create({ repository: 'repo', packageName: 'tried', workspaceName: 'v1' }),
    201,
  );
  const { name } = metadata;
  const path = `${revisionsPath}/${name}`;
  const watch = await porch.watch(`${revisionsPath}?resourceVersion=${metadata.resourceVersion}`);
  const files = await porch.watch(`${resourcesPath}?resourceVersion=${metadata.resourceVersion}`);
  await eventually('the draft in Git', async () => (await references()).includes('refs/heads/drafts/tried/v1'));

  const unchanged = async (tries: () => Promise<Answer[]>): Promise<void> => {
    const before = [await packages.get(name), await packages.resources(name), await references()];
    for (const answer of await tries()) expectStatus(answer, 200);
    const after = [await packages.get(name), await packages.resources(name), await references()];
    expect(after.map((each) => (typeof each === 'string' ? each : each.json))).toEqual(
      before.map((each) => (typeof each === 'string' ? each : each.json)),
    );
  };
  const lifecycle = (value: string, endpoint = '') =>
    send('PATCH', `${path}${endpoint}?dryRun=All`, { spec: { lifecycle: value } }, patchTypes[0]);
  const collection = () => send('DELETE', `${revisionsPath}?dryRun=All&labelSelector=tried`);

  await unchanged(async () => {
    const resources = expectStatus(await packages.resources(name), 200);
    resources.spec.resources['more.yaml'] = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: more\n';
    const put = await send('PUT', `${resourcesPath}/${name}?dryRun=All`, resources);
    expect(put.json.spec.resources).toHaveProperty(['more.yaml']);
    const patch = { spec: { resources: { Kptfile: null } } };
    const broken = await send('PATCH', `${resourcesPath}/${name}?dryRun=All`, patch, patchTypes[0]);
    expect(broken.status).toBe(400);
    return [put, await lifecycle('Proposed'), await send('DELETE', `${path}?dryRun=All`)];
  });
  expectStatus(await packages.propose(name), 200);
  await eventually('the proposal in Git', async () => (await references()).includes('refs/heads/proposed/tried/v1'));
  await unchanged(async () => {
    const published = await lifecycle('Published', '/approval');
    expect(published.json.spec.lifecycle).toBe('Published');
    return [published, await lifecycle('Draft', '/approval'), await send('DELETE', `${path}?dryRun=All`)];
  });
  expectStatus(await packages.approve(name), 200);
  await unchanged(async () => [await lifecycle('DeletionProposed', '/approval'), await lifecycle('DeletionProposed')]);
  expectStatus(await send('PATCH', path, { metadata: { labels: { tried: '' } } }, patchTypes[0]), 200);
  expectStatus(await packages.setLifecycle(name, 'DeletionProposed'), 200);
  await eventually('the branch', async () => (await references()).includes('refs/heads/deletionProposed/tried/v1'));
  await unchanged(async () => {
    const all = await collection();
    expect(all.json.items.map((item: Json) => item.metadata.name)).toEqual([name]);
    return [all, await send('DELETE', `${path}?dryRun=All`), await lifecycle('Published', '/approval')];
  });
  expectStatus(await packages.delete(name), 200);
  await watch.find('the end', ({ type, object }) => type === 'DELETED' && object.metadata.name === name);
  const told = watch.events.filter(({ object }) => object.metadata.name === name);
  expect(told.map(({ type, object }) => `${type} ${object.spec.lifecycle}`)).toEqual([
    'MODIFIED Proposed',
    'MODIFIED Published',
    'MODIFIED Published',
    'MODIFIED DeletionProposed',
    'DELETED DeletionProposed',
  ]);
  expect(files.events.filter(({ object }) => object.spec?.resources?.['more.yaml'] !== undefined)).toEqual([]);
  watch.leave();
  files.leave();
});

it('every field of every kind is described, for kubectl explain', async () => {
  const { paths } = expectStatus(await send('GET', '/openapi/v3'), 200);
  const missing: string[] = [];
  let fields = 0;
  const walk = (schema: Json, path: string): void => {
    for (const [name, field] of Object.entries<Json>(schema.properties ?? {})) {
      fields++;
      if ((field.description ?? '').length < 3) missing.push(`${path}.${name}`);
      walk(field, `${path}.${name}`);
    }
    for (const below of ['items', 'additionalProperties']) {
      if (typeof schema[below] === 'object') walk(schema[below], path);
    }
  };
  for (const { serverRelativeURL } of Object.values<Json>(paths)) {
    const document = expectStatus(await send('GET', serverRelativeURL), 200);
    for (const [name, schema] of Object.entries<Json>(document.components?.schemas ?? {})) {
      if ((schema.description ?? '') === '') missing.push(name);
      walk(schema, name);
    }
  }
  expect(missing).toEqual([]);
  expect(fields).toBeGreaterThan(500);
});
