import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Json } from './harness/api-client.ts';
import { eventually } from './harness/eventually.ts';
import { expectStatus, type Packages, resourcesPath, revisionsPath } from './harness/packages.ts';
import { Remote } from './harness/remote.ts';
import { readMetrics } from './harness/scrape.ts';
import { gitSecret, startWorld, type World } from './harness/world.ts';

let world: World;
let packages: Packages;
/** Told of each request for the repository `slow`, which is answered when the test is over. */
let asked = Promise.withResolvers<void>();
const over = Promise.withResolvers<void>();

beforeAll(async () => {
  world = await startWorld({
    git: {
      async onRequest({ repository }) {
        if (repository !== 'slow') return;
        asked.resolve();
        await over.promise;
      },
    },
  });
  packages = world.packages;
  await world.addRepository('repo');
});
afterAll(async () => {
  over.resolve();
  await world?.close();
});

async function metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  const scrape = readMetrics((await world.porch.http('GET', '/metrics')).text);
  const series = (scrape.get(name)?.series ?? []).filter((one) =>
    Object.entries(labels).every(([label, text]) => one.labels[label] === text),
  );
  return series.reduce((sum, { value }) => sum + value, 0);
}

/** The resources of a draft with a function that sleeps longer than the test may take. */
async function sleeping(packageName: string): Promise<{ readonly path: string; readonly object: Json }> {
  const { name } = expectStatus(
    await packages.create({ repository: 'repo', packageName, workspaceName: 'v1' }),
    201,
  ).metadata;
  const object = expectStatus(await packages.resources(name), 200);
  object.spec.resources.Kptfile +=
    'pipeline:\n  mutators:\n  - image: sleep:v0.1\n    configMap:\n      duration: 1h\n';
  return { path: `${resourcesPath}/${name}`, object };
}

const workersBusy = () => metric('porch_package_workers_busy');

/** Whether a draft is as it was, and can be changed. */
async function expectUntouched(path: string, before: Json): Promise<void> {
  const now = expectStatus(await world.porch.http('GET', path), 200);
  expect(now.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  now.spec.resources['a.txt'] = 'a\n';
  expectStatus(await world.porch.http('PUT', path, now), 200);
}

it('rendering ends with the client that has asked for it, and nothing is written', async () => {
  const { path, object } = await sleeping('left');
  const { porch } = world;
  const request = porch.client.open('PUT', path, object).catch((error: Error) => error);
  await eventually('rendering', async () => (await workersBusy()) > 0);
  porch.client.close();
  expect(await request).toBeInstanceOf(Error);
  await eventually('the end of rendering', async () => (await workersBusy()) === 0);
  await expectUntouched(path, object);
  expect(await metric('apiserver_request_aborts_total', { verb: 'PUT' })).toBe(1);
  expect(await metric('porch_package_job_duration_seconds', { outcome: 'cancelled', le: '+Inf' })).toBe(1);
});

it('and with the time that a request has', async () => {
  const { path, object } = await sleeping('late');
  const answer = await world.porch.http('PUT', `${path}?timeout=1s`, object);
  expect(expectStatus(answer, 504).reason).toBe('Timeout');
  await eventually('the end of rendering', async () => (await workersBusy()) === 0);
  await expectUntouched(path, object);
  expect(await metric('apiserver_request_terminations_total', { code: '504' })).toBe(1);
});

it('a clone ends while it waits for Git, and makes nothing', async () => {
  const repo = await world.git.createRepository('slow');
  await new Remote(world.git.directory('slow')).push('main', {
    'p/Kptfile': 'apiVersion: kpt.dev/v1\nkind: Kptfile\n',
  });
  asked = Promise.withResolvers<void>();
  const upstreamRef = { type: 'git', git: { repo, ref: 'main', directory: 'p', secretRef: { name: gitSecret } } };
  const { porch } = world;
  const request = porch.client
    .open('POST', revisionsPath, {
      apiVersion: 'porch.kpt.dev/v1alpha1',
      kind: 'PackageRevision',
      metadata: { namespace: 'default' },
      spec: {
        ...{ repository: 'repo', packageName: 'cloned', workspaceName: 'v1' },
        tasks: [{ type: 'clone', clone: { upstreamRef } }],
      },
    })
    .catch((error: Error) => error);
  await asked.promise;
  porch.client.close();
  expect(await request).toBeInstanceOf(Error);
  const fetches = () => metric('porch_git_operation_duration_seconds', { outcome: 'cancelled', le: '+Inf' });
  await eventually('the end of the fetch', async () => (await fetches()) > 0);
  expect((await packages.get('repo.cloned.v1')).status).toBe(404);
});
