import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './harness/eventually.ts';
import { expectStatus, revisionsPath } from './harness/packages.ts';
import { readMetrics, type Scrape } from './harness/scrape.ts';
import { startWorld, type World } from './harness/world.ts';

let world: World;
let scrape: Scrape;

beforeAll(async () => {
  world = await startWorld({ porch: { flags: ['--audit-log-path=audit.log'] } });
  const remote = await world.addRepository('repo');
  await world.packages.publish({ repository: 'repo', packageName: 'published', workspaceName: 'v1' });
  await world.packages.create({ repository: 'repo', packageName: 'draft', workspaceName: 'v1' });
  await eventually('the draft in Git', () => remote.id('heads/drafts/draft/v1'));
  const watch = await world.porch.watch(revisionsPath);
  await eventually('the push in the metrics', async () => {
    scrape = readMetrics(expectText(await world.porch.http('GET', '/metrics')));
    return scrape.get('porch_outbox_drafts_pushed_total')?.series.length === 1;
  });
  watch.leave();
});
afterAll(() => world?.close());

function expectText(answer: Awaited<ReturnType<World['porch']['http']>>): string {
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  return answer.text;
}

/** Rows of the tables in docs/metrics.md: name, type, labels, what it says. */
function documented(): Map<
  string,
  { readonly type: string; readonly labels: readonly string[]; readonly help: string }
> {
  const text = readFileSync(resolve(import.meta.dirname, '../docs/metrics.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `(\w+)` \| (\w+) \|(.*?)\| (.*) \|$/gm)];
  return new Map(
    rows.map(([, name = '', type = '', labels = '', help = '']) => [
      name,
      { type, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label).sort(), help },
    ]),
  );
}

/** Those that describe the process and Node.js are many, and explain themselves. */
const ofRuntime = /^(process|nodejs)_/;

describe('docs/metrics.md', () => {
  it('has all metrics that the server serves, and no others', () => {
    const served = [...scrape].filter(([name]) => !ofRuntime.test(name));
    const rows = documented();
    expect([...rows.keys()].sort()).toEqual(served.map(([name]) => name).sort());
    for (const [name, { type, help }] of served) {
      expect([name, rows.get(name)?.type, rows.get(name)?.help]).toEqual([name, type, help]);
    }
  });

  it('says which labels they have', () => {
    const rows = documented();
    for (const [name, { series }] of scrape) {
      const labels = Object.keys(series[0]?.labels ?? {}).filter((label) => label !== 'le');
      if (series.length > 0 && !ofRuntime.test(name))
        expect([name, rows.get(name)?.labels]).toEqual([name, labels.sort()]);
    }
  });
});

describe('the metrics of a server that has published a package', () => {
  const value = (name: string, labels: Readonly<Record<string, string>> = {}): number => {
    const found = (scrape.get(name)?.series ?? []).filter((one) =>
      Object.entries(labels).every(([label, text]) => one.labels[label] === text),
    );
    return found.reduce((sum, one) => sum + one.value, 0);
  };

  it.each<[string, Record<string, string>]>([
    ['apiserver_request_total', { verb: 'POST', resource: 'packagerevisions', code: '201' }],
    ['apiserver_longrunning_requests', { verb: 'WATCH', resource: 'packagerevisions' }],
    ['apiserver_audit_event_total', {}],
    ['apiserver_storage_objects', { resource: 'packagerevisions.porch.kpt.dev' }],
    ['apiserver_storage_commit_duration_seconds', { outcome: 'committed', le: '+Inf' }],
    ['porch_git_operation_duration_seconds', { operation: 'push', outcome: 'ok', le: '+Inf' }],
    ['porch_package_job_duration_seconds', { kind: 'render', outcome: 'ok', le: '+Inf' }],
    ['porch_engine_operation_duration_seconds', { operation: 'publish', outcome: 'ok', le: '+Inf' }],
    ['porch_outbox_drafts_pushed_total', { outcome: 'ok' }],
    ['porch_repository_sync_duration_seconds', { outcome: 'unchanged', le: '+Inf' }],
    ['porch_repository_last_sync_timestamp_seconds', { namespace: 'default', repository: 'repo' }],
    ['process_resident_memory_bytes', {}],
    ['nodejs_heap_size_used_bytes', {}],
  ])('have %s %o', (name, labels) => {
    expect(value(name, labels)).toBeGreaterThan(0);
  });
});

it('are refused to those who may not read them', async () => {
  const { porch } = world;
  const as = (headers: Readonly<Record<string, string>>) => porch.http('GET', '/metrics', undefined, headers);
  expect((await as({ 'impersonate-user': 'jane' })).status).toBe(403);
  expect((await as({ 'impersonate-user': 'scraper', 'impersonate-group': 'system:monitoring' })).status).toBe(200);
  expectStatus(await porch.http('GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:monitoring'), 200);
});
