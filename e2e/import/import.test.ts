import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CuttingProxy } from '../../packages/apiserver/src/storage/postgres/cutting-proxy.test-support.ts';
import { PostgresServer } from '../../packages/apiserver/src/storage/postgres/postgres-server.test-support.ts';
import type { Json } from '../harness/api-client.ts';
import { expectStatus, type Packages, revisionsPath } from '../harness/packages.ts';
import { canRunPostgres, databaseUrlOf } from '../harness/replicas.ts';
import { PorchProcess, program } from '../harness/server-process.ts';
import { startWorld, type World } from '../harness/world.ts';
import { fillGoDatabase, type GoRevision } from './go-database.ts';

const kptfile = (name: string, rest = '') =>
  `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\ninfo:\n  description: Recorded\n${rest}`;
const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name} # kept\n`;
const edit = (name: string) => ({ type: 'edit', edit: { sourceRef: { name } } });
const clone = (name: string) => ({ type: 'clone', clone: { upstreamRef: { upstreamRef: { name } } } });
const failing = 'pipeline:\n  mutators:\n  - image: no-such-function:v1\n';

let world: World;
let packages: Packages;
let postgres: PostgresServer | undefined;
let urlFile: string;
let owner: Json;
/** A draft as an import leaves it that is killed before it has stored the files. */
let begun: Json;

beforeAll(async () => {
  world = await startWorld();
  packages = world.packages;
  await world.addRepository('blueprints');
  await world.addRepository('deployments');
  await packages.publish({ repository: 'blueprints', packageName: 'web', workspaceName: 'v1' });
  await packages.publish({ repository: 'blueprints', packageName: 'net/dns', workspaceName: 'v1' });
  begun = expectStatus(
    await world.porch.http('POST', revisionsPath, {
      apiVersion: 'porch.kpt.dev/v1alpha1',
      kind: 'PackageRevision',
      metadata: { namespace: 'default', annotations: { 'porch.kpt.dev/unfinished-import': 'true' } },
      spec: {
        repository: 'blueprints',
        packageName: 'halfway',
        workspaceName: 'v1',
        tasks: [{ type: 'init', init: {} }],
      },
    }),
    201,
  );
  owner = expectStatus(
    await world.porch.http('POST', '/api/v1/namespaces/default/configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'site' },
    }),
    201,
  );
});
afterAll(async () => {
  await postgres?.destroy();
  await world?.close();
});

async function porchImport(...flags: readonly string[]) {
  const { kubeconfig, dataDirectory } = world.porch;
  const started = new PorchProcess(['import', '--kubeconfig', kubeconfig, ...flags], { cwd: dataDirectory });
  const { code, stdout, stderr } = await started.exited;
  return { code, lines: stdout.trimEnd().split('\n'), stderr };
}

async function state(): Promise<Json> {
  return (await packages.list()).items;
}

describe.skipIf(!canRunPostgres())('the database of a Go server', () => {
  const recorded: readonly GoRevision[] = [
    {
      repository: 'blueprints',
      packageName: 'web',
      workspaceName: 'v1',
      revision: 1,
      lifecycle: 'DeletionProposed',
      meta: {
        labels: { team: 'a', 'kpt.dev/latest-revision': 'true', 'internal.porch.kpt.dev/repository': 'blueprints' },
        annotations: { 'example.com/ticket': '42' },
        finalizers: ['example.com/guard', 'internal.porch.kpt.dev/packagerevision'],
        ownerReferences: [
          { apiVersion: 'v1', kind: 'ConfigMap', name: 'site', uid: 'uid-in-the-old-cluster' },
          { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'another' },
          { apiVersion: 'config.porch.kpt.dev/v1alpha1', kind: 'PackageVariant', name: 'pv', uid: 'a third' },
        ],
      },
    },
    // Before what it is cloned from.
    {
      repository: 'deployments',
      packageName: 'cache',
      workspaceName: 'site-1',
      lifecycle: 'Draft',
      tasks: [clone('blueprints.cache.v1')],
      files: { Kptfile: kptfile('cache'), 'cm.yaml': configMap('cloned') },
    },
    {
      repository: 'blueprints',
      packageName: 'cache',
      workspaceName: 'v1',
      lifecycle: 'Draft',
      tasks: [{ type: 'init', init: { description: 'x' } }, { type: 'render' }],
      files: { Kptfile: kptfile('cache'), 'cm.yaml': configMap('original') },
    },
    {
      repository: 'blueprints',
      path: 'net',
      packageName: 'dns',
      workspaceName: 'v2',
      lifecycle: 'Proposed',
      meta: { labels: { team: 'b' } },
      tasks: [edit('blueprints.net.dns.v1')],
      files: { Kptfile: kptfile('dns'), 'zone/a.yaml': configMap('zone') },
    },
    {
      repository: 'blueprints',
      packageName: 'broken',
      workspaceName: 'v1',
      lifecycle: 'Draft',
      files: { Kptfile: kptfile('broken', failing), 'cm.yaml': configMap('unrendered') },
    },
    {
      repository: 'blueprints',
      packageName: 'halfway',
      workspaceName: 'v1',
      lifecycle: 'Proposed',
      files: { Kptfile: kptfile('halfway'), 'cm.yaml': configMap('finished') },
    },
    { repository: 'blueprints', packageName: 'bare', workspaceName: 'v1', lifecycle: 'Draft', files: {} },
    { repository: 'elsewhere', packageName: 'x', workspaceName: 'v1', lifecycle: 'Draft', files: { Kptfile: '-' } },
    { repository: 'blueprints', packageName: 'unpushed', workspaceName: 'v1', revision: 1, lifecycle: 'Published' },
  ];
  const dns = 'default/blueprints.net.dns.v2: proposed with 2 files, made by edit; labels team';
  const halfway =
    'default/blueprints.halfway.v1: proposed with 2 files, made by init; an import that was interrupted had begun it';
  const problems = [
    'default/blueprints.bare.v1: cannot be taken over: its record has no Kptfile',
    'default/blueprints.unpushed.v1: cannot be taken over: it is not here; register its repository, and wait until that has been synchronised',
    'default/elsewhere.x.v1: cannot be taken over: repository elsewhere is not registered in namespace default',
  ];

  beforeAll(async () => {
    postgres = await PostgresServer.create();
    await fillGoDatabase(postgres.connection, recorded);
    urlFile = join(world.porch.dataDirectory, 'go-database');
    await writeFile(urlFile, `${databaseUrlOf(postgres)}\n`);
  });

  it('says what would be done, and does nothing', async () => {
    const before = await state();
    const { code, lines, stderr } = await porchImport('--database-url-file', urlFile, '--dry-run');
    expect(stderr).toBe('');
    expect(lines[0]).toBe('Dry run: nothing is changed.');
    expect(lines).toEqual(expect.arrayContaining([dns, halfway, ...problems]));
    expect(lines.at(-1)).toBe('9 package revisions: 6 would change, 0 unchanged, 3 not taken over');
    expect(code).toBe(1);
    expect(await state()).toEqual(before);
  });

  it('says in a line that the database was lost', async () => {
    if (postgres === undefined) throw new Error('the database runs');
    const proxy = await CuttingProxy.create(postgres.connection);
    try {
      const file = join(world.porch.dataDirectory, 'cut-database');
      await writeFile(file, databaseUrlOf({ connection: proxy.connection }));
      const cut = proxy.cutNext({ message: 'package_revisions', answers: 0 });
      const { code, stderr } = await porchImport('--database-url-file', file, '--dry-run');
      await cut;
      expect([code, stderr]).toEqual([2, expect.stringMatching(/^porch: the database cannot be read: [^\n]*\n$/)]);
    } finally {
      await proxy.close();
    }
  });

  it('takes over metadata, lifecycles and drafts with their files', async () => {
    const { code, lines } = await porchImport('--database-url-file', urlFile);
    expect(code).toBe(1);
    expect(lines).toEqual(expect.arrayContaining([dns, halfway, ...problems]));
    expect(lines.at(-1)).toBe('9 package revisions: 6 changed, 0 unchanged, 3 not taken over');

    const web = expectStatus(await packages.get('blueprints.web.v1'), 200);
    expect(web.spec.lifecycle).toBe('DeletionProposed');
    expect(web.metadata.labels).toEqual({ team: 'a', 'kpt.dev/latest-revision': 'true' });
    expect(web.metadata.annotations).toEqual({ 'example.com/ticket': '42' });
    expect(web.metadata.finalizers).toEqual(['example.com/guard']);
    expect(web.metadata.ownerReferences).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'site', uid: owner.metadata.uid },
    ]);
    expect(lines.find((line) => line.startsWith('default/blueprints.web.v1'))).toBe(
      'default/blueprints.web.v1: DeletionProposed; labels team; annotations example.com/ticket; ' +
        'finalizers example.com/guard; owners ConfigMap site; owner ConfigMap gone is not here and is left out; ' +
        'owner PackageVariant pv is not here and is left out',
    );

    expect(await packages.table('blueprints')).toEqual(
      expect.arrayContaining([
        'blueprints.net.dns.v2 net/dns v2 0 Proposed edit',
        'blueprints.cache.v1 cache v1 0 Draft init',
        'blueprints.broken.v1 broken v1 0 Draft init',
      ]),
    );
    expect(await packages.table('deployments')).toEqual(['deployments.cache.site-1 cache site-1 0 Draft clone']);
    const files = expectStatus(await packages.resources('blueprints.net.dns.v2'), 200).spec.resources;
    expect(Object.keys(files)).toEqual(['Kptfile', 'zone/a.yaml']);
    expect(files['zone/a.yaml']).toBe(configMap('zone'));
  });

  it('stores files that cannot be rendered as they were', async () => {
    const { spec } = expectStatus(await packages.resources('blueprints.broken.v1'), 200);
    expect(spec.resources['cm.yaml']).toBe(configMap('unrendered'));
    const { metadata } = expectStatus(await packages.get('blueprints.broken.v1'), 200);
    expect(metadata.annotations ?? {}).not.toHaveProperty('porch.kpt.dev/push-on-render-failure');
  });

  it('finishes what an import that was interrupted had begun', async () => {
    const { metadata, spec } = expectStatus(await packages.get('blueprints.halfway.v1'), 200);
    expect([spec.lifecycle, metadata.uid, metadata.annotations]).toEqual(['Proposed', begun.metadata.uid, undefined]);
    const { resources } = expectStatus(await packages.resources('blueprints.halfway.v1'), 200).spec;
    expect(resources['cm.yaml']).toBe(configMap('finished'));
  });

  it('changes nothing when it is run again', async () => {
    const before = await state();
    const { lines } = await porchImport('--database-url-file', urlFile);
    expect(lines.at(-1)).toBe('9 package revisions: 0 changed, 6 unchanged, 3 not taken over');
    expect(await state()).toEqual(before);
  });
});

describe('PackageRev objects', () => {
  const record = (name: string, metadata: Json) => ({
    apiVersion: 'config.porch.kpt.dev/v1alpha1',
    kind: 'PackageRev',
    metadata: { name, namespace: 'default', ...metadata },
  });

  it('gives what users had put on package revisions', async () => {
    const file = join(world.porch.dataDirectory, 'records.json');
    const items = [
      record('blueprints.net.dns.v1', {
        labels: { team: 'c', 'internal.porch.kpt.dev/repository': 'blueprints' },
        finalizers: ['internal.porch.kpt.dev/packagerevision'],
        ownerReferences: [
          { apiVersion: 'porch.kpt.dev/v1alpha1', kind: 'PackageRevision', name: 'blueprints.net.dns.v1', uid: 'u' },
        ],
      }),
      record('blueprints.net.dns.main', { labels: {} }),
    ];
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    const { code, lines, stderr } = await porchImport('--packagerevs', file);
    expect(stderr).toBe('');
    expect(lines).toEqual([
      'default/blueprints.net.dns.v1: labels team',
      '2 package revisions: 1 changed, 1 unchanged, 0 not taken over',
    ]);
    expect(code).toBe(0);
    const { metadata } = expectStatus(await packages.get('blueprints.net.dns.v1'), 200);
    expect(metadata.labels['team']).toBe('c');
    expect(metadata.finalizers).toBeUndefined();
    expect(metadata.ownerReferences).toBeUndefined();
  });

  it('keeps a value that differs here, and says so', async () => {
    const file = join(world.porch.dataDirectory, 'differing.yaml');
    await writeFile(file, JSON.stringify(record('blueprints.net.dns.v1', { labels: { team: 'other' } })));
    const { code, lines } = await porchImport('--packagerevs', file);
    expect(lines[0]).toBe('default/blueprints.net.dns.v1: label team has another value here, which stays');
    expect(code).toBe(0);
  });

  it('says which flag is missing, and which file cannot be used', async () => {
    expect((await porchImport()).stderr).toContain('give one of --packagerevs and --database-url-file');
    const missing = await porchImport('--packagerevs', 'nowhere.yaml');
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining('it does not exist; choose another one with --packagerevs'),
    ]);
    const wrong = await porchImport('--packagerevs', '-', '--kubeconfig', 'no-such-kubeconfig');
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringMatching(/no-such-kubeconfig cannot be used: .* --kubeconfig\n$/),
    ]);
    await writeFile(join(world.porch.dataDirectory, 'no-url'), 'a-host sekret\n');
    const noUrl = await porchImport('--database-url-file', 'no-url');
    expect([noUrl.code, noUrl.stderr]).toEqual([2, expect.stringContaining('no-url: the database URL is not valid')]);
    expect(noUrl.stderr).not.toContain('sekret');
  });

  it('ends quietly when its reader leaves', async () => {
    const file = join(world.porch.dataDirectory, 'some.json');
    await writeFile(file, JSON.stringify(record('blueprints.missing.v1', {})));
    const flags = ['import', '--kubeconfig', world.porch.kubeconfig, '--packagerevs', file, '--dry-run'];
    const child = spawn(process.execPath, [program, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect([code, stderr]).toEqual([141, '']);
  });

  it('loses no line to a reader that takes its time', async () => {
    const file = join(world.porch.dataDirectory, 'many.json');
    const items = Array.from({ length: 2000 }, (_, index) => record(`blueprints.missing-${index}.v1`, {}));
    await writeFile(file, JSON.stringify({ kind: 'List', items }));
    const flags = ['import', '--kubeconfig', world.porch.kubeconfig, '--packagerevs', file, '--dry-run'];
    const child = spawn(process.execPath, [program, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'readable');
    await pause(1000);
    const lines = (await text(child.stdout)).trimEnd().split('\n');
    expect(lines).toHaveLength(2002);
    expect(lines.at(-1)).toBe('2000 package revisions: 0 would change, 0 unchanged, 2000 not taken over');
  });
});
