import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from './harness/api-client.ts';
import { eventuallyHolds } from './harness/eventually.ts';
import { expectStatus, type Packages } from './harness/packages.ts';
import { Remote } from './harness/remote.ts';
import { startWorld, type World } from './harness/world.ts';

/**
 * Every kind of write once, and after each all that Git has: references, parents, whole trees with modes, whole messages, people.
 * The expectations say what another implementation that opens the repository relies on.
 */

const committer = 'Package Orchestration Service <porch@kpt.dev>';
const author = 'admin <admin>';
const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: "${value}"\n`;

/** What is in the repository beside the packages, and stays there. */
const elsewhere = {
  'README.md': 'A repository\n',
  'tools/run.sh': { mode: '100755', text: '#!/bin/sh\n' },
  'tools/link': { mode: '120000', text: 'run.sh' },
  'catalog/other/Kptfile': 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: other\n',
} as const;
const elsewhereListed = [
  '100644 README.md',
  '100644 catalog/other/Kptfile',
  '100755 tools/run.sh',
  '120000 tools/link',
];

let world: World;
let packages: Packages;
let remote: Remote;
beforeAll(async () => {
  world = await startWorld();
  packages = world.packages;
  await world.addRepository('upstream');
  await world.git.createRepository('interop');
  remote = new Remote(world.git.directory('interop'));
  await remote.push('main', elsewhere);
  await world.register('interop');
  await world.ready('interop');
});
afterAll(() => world?.close());

let broken = false;
beforeEach(({ skip, onTestFailed }) => {
  if (broken) skip('a write before this one failed');
  onTestFailed(() => {
    broken = true;
  });
});

/** Waits until the remote has exactly these references, and gives the commits they are at. */
function references(...expected: string[]): Promise<Record<string, string>> {
  return eventuallyHolds(async () => {
    const refs = await remote.refs();
    expect(Object.keys(refs).sort()).toEqual(['heads/main', ...expected].sort());
    return refs;
  });
}

/** Modes and paths of all files of a commit. */
async function listing(commit: string): Promise<string[]> {
  const lines = (await remote.git('ls-tree', '-r', '--full-tree', '--format=%(objectmode) %(path)', commit)).split(
    '\n',
  );
  return lines.sort((a, b) => (a.slice(7) < b.slice(7) ? -1 : 1));
}

/** Checks a commit, whole: message, parents, people, and the files below a package and beside it. */
async function checkCommit(
  id: string | undefined,
  expected: { message: string; parents: readonly (string | undefined)[]; files: readonly string[] },
): Promise<void> {
  const raw = await remote.git('cat-file', 'commit', id ?? '');
  const commit = await remote.commit(id ?? '');
  expect({ author: commit.author, committer: commit.committer }).toEqual({ author, committer });
  expect(raw.slice(raw.indexOf('\n\n') + 2)).toBe(expected.message);
  expect(commit.parents).toEqual(expected.parents);
  const listed = [...elsewhereListed, ...expected.files.map((file) => `100644 ${file}`)];
  expect(await listing(commit.id)).toEqual(listed.sort((a, b) => (a.slice(7) < b.slice(7) ? -1 : 1)));
  const [first] = (await remote.git('rev-list', '--max-parents=0', commit.id)).split('\n');
  for (const place of ['tools', 'README.md', 'catalog/other']) {
    expect(await remote.git('rev-parse', `${commit.id}:${place}`)).toBe(
      await remote.git('rev-parse', `${first}:${place}`),
    );
  }
}

const draftMessage = (subject: string, path: string, workspaceName: string, task: Json): string =>
  `${subject}\n\n\nkpt:${JSON.stringify({ package: path, workspaceName, revision: '0', task })}`;
const approvalMessage = (path: string, workspaceName: string, revision: string): string =>
  `Approving package revision ${path}/${revision}\n\nkpt:${JSON.stringify({ package: path, workspaceName, revision })}`;

const initial = (path: string): string[] => ['Kptfile', 'README.md', 'package-context.yaml'].map((f) => `${path}/${f}`);

async function create(packageName: string, workspaceName: string, task: Json): Promise<void> {
  expectStatus(await packages.create({ repository: 'interop', packageName, workspaceName, task }), 201);
}

async function publish(name: string): Promise<void> {
  expectStatus(await packages.propose(name), 200);
  expectStatus(await packages.approve(name), 200);
}

describe('what Git has after each kind of write', () => {
  const name = 'interop.catalog.a.v1';
  const files = [...initial('catalog/a'), 'catalog/a/settings.yaml'];
  let start: string;
  let created: string;
  let edited: string;
  let first: string;

  it('init', async () => {
    start = (await references())['heads/main'] ?? '';
    const task = { type: 'init', init: { description: 'One', keywords: ['x'], site: 'https://example.com' } };
    await create('catalog/a', 'v1', task);
    const refs = await references('heads/drafts/catalog/a/v1');
    created = refs['heads/drafts/catalog/a/v1'] ?? '';
    await checkCommit(created, {
      message: draftMessage('Creating new empty revision', 'catalog/a', 'v1', task),
      parents: [start],
      files: initial('catalog/a'),
    });
    expect(refs['heads/main']).toBe(start);
  });

  it('editing files', async () => {
    expectStatus(
      await packages.replaceResources(name, (resources) => {
        resources['settings.yaml'] = configMap('settings', 'one');
      }),
      200,
    );
    edited = await eventuallyHolds(async () => {
      const head = (await references('heads/drafts/catalog/a/v1'))['heads/drafts/catalog/a/v1'] ?? '';
      expect(head).not.toBe(created);
      return head;
    });
    await checkCommit(edited, {
      message: draftMessage('Rendering package', 'catalog/a', 'v1', { type: 'render' }),
      parents: [created],
      files,
    });
  });

  it('proposing, and rejecting', async () => {
    expectStatus(await packages.propose(name), 200);
    expect((await references('heads/proposed/catalog/a/v1'))['heads/proposed/catalog/a/v1']).toBe(edited);
    expectStatus(await packages.setLifecycle(name, 'Draft', '/approval'), 200);
    expect((await references('heads/drafts/catalog/a/v1'))['heads/drafts/catalog/a/v1']).toBe(edited);
  });

  it('approving', async () => {
    await publish(name);
    const refs = await references('tags/catalog/a/v1');
    first = refs['tags/catalog/a/v1'] ?? '';
    expect(refs['heads/main']).toBe(first);
    expect(await remote.git('cat-file', '-t', 'refs/tags/catalog/a/v1')).toBe('commit');
    await checkCommit(first, { message: approvalMessage('catalog/a', 'v1', '1'), parents: [start, edited], files });
    expect(await remote.tree(first, 'catalog/a')).toBe(await remote.tree(edited, 'catalog/a'));
  });

  it('copying', async () => {
    const task = { type: 'edit', edit: { sourceRef: { name } } };
    await create('catalog/a', 'next', task);
    const refs = await references('tags/catalog/a/v1', 'heads/drafts/catalog/a/next');
    const copy = refs['heads/drafts/catalog/a/next'];
    await checkCommit(copy, {
      message: draftMessage('Creating new revision by copying previous revision', 'catalog/a', 'next', task),
      parents: [first],
      files,
    });
    await publish('interop.catalog.a.next');
    const after = await references('tags/catalog/a/v1', 'tags/catalog/a/v2');
    expect(after['tags/catalog/a/v1']).toBe(first);
    expect(after['heads/main']).toBe(after['tags/catalog/a/v2']);
    await checkCommit(after['heads/main'], {
      message: approvalMessage('catalog/a', 'next', '2'),
      parents: [first, copy],
      files,
    });
  });

  it('proposing a deletion, taking it back, deleting a tag', async () => {
    const second = 'interop.catalog.a.next';
    const tags = ['tags/catalog/a/v1', 'tags/catalog/a/v2'];
    const before = await references(...tags);
    expectStatus(await packages.setLifecycle(second, 'DeletionProposed'), 200);
    const proposed = await references(...tags, 'heads/deletionProposed/catalog/a/v2');
    expect(proposed).toEqual({ ...before, 'heads/deletionProposed/catalog/a/v2': before['tags/catalog/a/v2'] });
    expectStatus(await packages.setLifecycle(second, 'Published'), 200);
    expect(await references(...tags)).toEqual(before);
    expectStatus(await packages.setLifecycle(second, 'DeletionProposed'), 200);
    await references(...tags, 'heads/deletionProposed/catalog/a/v2');
    expectStatus(await packages.delete(second), 200);
    expect(await references('tags/catalog/a/v1')).toEqual({
      'heads/main': before['heads/main'],
      'tags/catalog/a/v1': first,
    });
  });

  it('deleting the branch-tracking revision', async () => {
    const head = (await references('tags/catalog/a/v1'))['heads/main'];
    expectStatus(await packages.setLifecycle('interop.catalog.a.main', 'DeletionProposed'), 200);
    const refs = await references('tags/catalog/a/v1', 'heads/deletionProposed/catalog/a/main');
    expect(refs['heads/deletionProposed/catalog/a/main']).toBe(head);
    expectStatus(await packages.delete('interop.catalog.a.main'), 200);
    const after = await references('tags/catalog/a/v1');
    await checkCommit(after['heads/main'], { message: 'Delete catalog/a', parents: [head], files: [] });
    expect(after['tags/catalog/a/v1']).toBe(first);
  });

  it('deleting a draft', async () => {
    const before = await references('tags/catalog/a/v1');
    await create('catalog/draft', 'v1', { type: 'init', init: { description: '' } });
    await references('tags/catalog/a/v1', 'heads/drafts/catalog/draft/v1');
    expectStatus(await packages.delete('interop.catalog.draft.v1'), 200);
    expect(await references('tags/catalog/a/v1')).toEqual(before);
  });
});

describe('what Git has after a clone and an upgrade', () => {
  const clone = { type: 'clone', clone: { upstreamRef: { type: 'git', upstreamRef: { name: 'upstream.base.v1' } } } };
  const upgrade = {
    type: 'upgrade',
    upgrade: {
      oldUpstreamRef: { name: 'upstream.base.v1' },
      newUpstreamRef: { name: 'upstream.base.v2' },
      localPackageRevisionRef: { name: 'interop.web.v1' },
      strategy: 'resource-merge',
    },
  };
  const kept = 'tags/catalog/a/v1';
  let cloned: string | undefined;
  let commits: Record<string, string>;

  const upstreamOf = (version: string): string =>
    [
      'upstream:',
      '  type: git',
      '  git:',
      `    repo: ${world.git.url('upstream')}`,
      '    directory: base',
      `    ref: base/${version}`,
      'upstreamLock:',
      '  type: git',
      '  git:',
      `    repo: ${world.git.url('upstream')}`,
      '    directory: base',
      `    ref: base/${version}`,
      `    commit: ${commits[`tags/base/${version}`]}`,
      '',
    ].join('\n');

  beforeAll(async () => {
    const task = { type: 'init', init: { description: 'Base' } };
    const add = async (workspaceName: string, source: Json, file: string, value: string): Promise<void> => {
      expectStatus(
        await packages.create({ repository: 'upstream', packageName: 'base', workspaceName, task: source }),
        201,
      );
      const change = (files: Record<string, string>): void => {
        files[file] = configMap(file.replace('.yaml', ''), value);
      };
      expectStatus(await packages.replaceResources(`upstream.base.${workspaceName}`, change), 200);
      await publish(`upstream.base.${workspaceName}`);
    };
    await add('v1', task, 'one.yaml', '1');
    await add('v2', { type: 'edit', edit: { sourceRef: { name: 'upstream.base.v1' } } }, 'two.yaml', '2');
    commits = await new Remote(world.git.directory('upstream')).refs();
  });

  it('clone', async () => {
    const head = (await references(kept))['heads/main'];
    await create('web', 'v1', clone);
    const draft = (await references(kept, 'heads/drafts/web/v1'))['heads/drafts/web/v1'];
    const files = [...initial('web'), 'web/one.yaml'];
    await checkCommit(draft, {
      message: draftMessage('Creating new revision by cloning', 'web', 'v1', clone),
      parents: [head],
      files,
    });
    const text = await remote.files(draft ?? '', 'web');
    expect(text.Kptfile).toContain(upstreamOf('v1'));
    expect(text['one.yaml']).toContain('# kpt-merge: /one\n');
    expect(text['one.yaml']).toContain("internal.kpt.dev/upstream-identifier: '|ConfigMap|default|one'\n");
    await publish('interop.web.v1');
    cloned = (await references(kept, 'tags/web/v1'))['tags/web/v1'];
    await checkCommit(cloned, { message: approvalMessage('web', 'v1', '1'), parents: [head, draft], files });
  });

  it('upgrade', async () => {
    await create('web', 'v2', upgrade);
    const draft = (await references(kept, 'tags/web/v1', 'heads/drafts/web/v2'))['heads/drafts/web/v2'];
    const files = [...initial('web'), 'web/one.yaml', 'web/two.yaml'];
    await checkCommit(draft, {
      message: draftMessage('Upgrading revision', 'web', 'v2', upgrade),
      parents: [cloned],
      files,
    });
    expect((await remote.files(draft ?? '', 'web')).Kptfile).toContain(upstreamOf('v2'));
    expect(await remote.git('rev-parse', `${draft}:web/one.yaml`)).toBe(
      await remote.git('rev-parse', `${cloned}:web/one.yaml`),
    );
    await publish('interop.web.v2');
    const after = await references(kept, 'tags/web/v1', 'tags/web/v2');
    expect(after['tags/web/v1']).toBe(cloned);
    await checkCommit(after['heads/main'], {
      message: approvalMessage('web', 'v2', '2'),
      parents: [cloned, draft],
      files,
    });
  });

  it('nothing else: a fresh look at the repository finds what the API shows', async () => {
    const before = await packages.table('interop');
    await world.sync('interop');
    expect(await packages.table('interop')).toEqual(before);
    expect(before.sort()).toEqual([
      'interop.catalog.a.v1 catalog/a v1 1 Published init',
      'interop.catalog.other.main catalog/other main -1 Published -',
      'interop.web.main web main -1 Published -',
      'interop.web.v1 web v1 1 Published clone',
      'interop.web.v2 web v2 2 Published upgrade',
    ]);
  });
});
