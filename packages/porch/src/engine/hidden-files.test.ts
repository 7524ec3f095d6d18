import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import { GitError, type Mirror } from '../git/types.ts';
import type { Task } from '../resources/package-revision.ts';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;
/** Trees whose files are taken for too large to be read. */
const large = new Set<string>();

function withLargeTrees(mirror: Mirror): Mirror {
  const files: Mirror['files'] = async (tree) => {
    if (large.has(tree)) throw new GitError('TooLarge', 'file big.bin has 99 bytes, more than 9', 'take it out');
    return mirror.files(tree);
  };
  return new Proxy(mirror, {
    get: (target, property, self) => (property === 'files' ? files : Reflect.get(target, property, self)),
  });
}

beforeAll(async () => {
  trial = await startTrial('async', {}, withLargeTrees);
  await trial.addRepository('r');
  await trial.addRepository('other');
  await pushPackage();
  await trial.sync('r');
});
afterAll(() => trial?.close());

/** What the files are made of that the API does not show, and a text whose mode it does not show. */
const files = {
  Kptfile: ['100644', 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n'],
  'bin/logo.png': ['100644', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff, 0xfe])],
  'bin/tool': ['100755', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff])],
  'config.yaml': ['100644', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n'],
  link: ['120000', 'bin/tool'],
  module: ['160000', '0123456789abcdef0123456789abcdef01234567'],
  'run.sh': ['100755', '#!/bin/sh\n'],
} as const;

/** Somebody's package with such files, tagged `p/v1`. */
async function pushPackage(): Promise<void> {
  const directory = trial.gitServer.directory('r');
  const env = { GIT_INDEX_FILE: join(directory, 'test-index') };
  for (const [path, [mode, content]] of Object.entries(files)) {
    const id =
      mode === '160000' ? content : await plainGit(directory, ['hash-object', '-w', '--stdin'], { input: content });
    await plainGit(directory, ['update-index', '--add', '--cacheinfo', `${mode},${id},p/${path}`], { env });
  }
  const tree = await plainGit(directory, ['write-tree'], { env });
  const commit = await plainGit(directory, ['commit-tree', tree, '-p', 'main', '-m', 'A package']);
  await plainGit(directory, ['update-ref', 'refs/heads/main', commit]);
  await plainGit(directory, ['update-ref', 'refs/tags/p/v1', commit]);
}

/** A commit of somebody else, on top of main, with files of other names than the API would take. */
async function pushOddNames(): Promise<void> {
  const lines = ['commit refs/heads/drafts/odd/w', 'committer Ann <ann@example.com> 1700000000 +0000', 'data 0'];
  lines.push('from refs/heads/main^0');
  for (const [path, content] of oddNames) lines.push(`M 100644 inline ${path}`, `data ${content.length}`, content);
  const input = Buffer.from(`${lines.join('\n')}\n`, 'latin1');
  await plainGit(trial.gitServer.directory('r'), ['fast-import', '--quiet'], { input });
}

const oddNames = [
  ['odd/Kptfile', files.Kptfile[1]],
  ['odd/caf\xe9.txt', 'one'],
  ['odd/caf\xea.txt', 'two'],
  ['"odd/back\\\\slash"', 'three'],
  ['"odd/tab\\tline\\n\\"quotes\\""', 'four'],
] as const;

/** Mode, id and path of the files at a place in Git, without those that Porch itself writes. */
async function filesAt(repository: string, place: string): Promise<string[]> {
  const lines = (await trial.git(repository, 'ls-tree', '-r', place)).split('\n');
  return lines.filter((line) => !/\t(Kptfile|config\.yaml)$/.test(line));
}

/** Changes one text of a draft, and publishes it. */
async function changeAndPublish(name: string): Promise<void> {
  await trial.setFiles(name, (texts) => {
    expect(Object.keys(texts).sort()).toEqual(['Kptfile', 'config.yaml', 'run.sh']);
    texts['config.yaml'] += 'data:\n  a: b\n';
  });
  await trial.publish(name);
}

const copy: Task = { type: 'edit', edit: { sourceRef: { name: 'r.p.v1' } } };
const clone: Task = { type: 'clone', clone: { upstreamRef: { type: '', upstreamRef: { name: 'r.p.v1' } } } };

describe('executable files, binary files, links and submodules', () => {
  test('survive a copy, a change beside them, and publication', async () => {
    await trial.create('r', 'p', 'two', copy);
    await changeAndPublish('r.p.two');
    const published = await filesAt('r', 'refs/tags/p/v2:p');
    expect(published).toHaveLength(5);
    expect(published.at(-2)).toBe(`160000 commit ${files.module[1]}\tmodule`);
    expect(published).toEqual(await filesAt('r', 'refs/tags/p/v1:p'));
    expect(await trial.git('r', 'show', 'p/v2:p/config.yaml')).toContain('a: b');
  });

  test('survive a clone into another repository', async () => {
    await trial.create('other', 'q', 'one', clone);
    await changeAndPublish('other.q.one');
    expect(await filesAt('other', 'refs/tags/q/v1:q')).toEqual(await filesAt('r', 'refs/tags/p/v1:p'));
  });

  test('are replaced by a text of the same path, and keep the mode if they were files', async () => {
    await trial.create('r', 'p', 'three', copy);
    await trial.setFiles('r.p.three', (texts) => {
      texts['bin/tool'] = '#!/bin/sh\n';
      texts.link = 'no link\n';
      texts.module = 'no module\n';
      delete texts['run.sh'];
    });
    await trial.mirrored('r.p.three');
    const drafted = (await filesAt('r', 'drafts/p/three:p')).map((line) => line.replace(/ blob \w+\t/, ' '));
    expect(drafted).toEqual(['100644 bin/logo.png', '100755 bin/tool', '100644 link', '100644 module']);
    expect(await trial.git('r', 'show', 'drafts/p/three:p/link')).toBe('no link');
  });
});

test('a package that is too large to be read is listed without files, says why, and is neither copied nor changed', async () => {
  const directory = trial.gitServer.directory('r');
  const kptfile = await trial.git('r', 'rev-parse', 'p/v1:p/Kptfile');
  const tree = await plainGit(directory, ['mktree'], { input: `100644 blob ${kptfile}\tKptfile\n` });
  const root = await plainGit(directory, ['mktree'], { input: `040000 tree ${tree}\tp\n` });
  const commit = await trial.git('r', 'commit-tree', root, '-p', 'main', '-m', 'Large');
  for (const ref of ['refs/heads/drafts/p/large', 'refs/tags/p/v9']) await trial.git('r', 'update-ref', ref, commit);
  await trial.sync('r');
  large.add(tree);
  const { spec, status } = await trial.resources('r.p.large');
  expect(spec.resources).toEqual({});
  expect(status?.renderStatus?.error).toBe(
    'its files are not shown: file big.bin has 99 bytes, more than 9. Take it out.',
  );
  const refusal = { code: 400, message: expect.stringContaining('file big.bin') };
  const edit: Task = { type: 'edit', edit: { sourceRef: { name: 'r.p.v9' } } };
  await expect(trial.create('r', 'p', 'of-large', edit)).rejects.toMatchObject(refusal);
  await expect(trial.setFiles('r.p.large', () => undefined)).rejects.toMatchObject(refusal);
  expect((await trial.setLifecycle('r.p.large', 'Proposed')).spec.lifecycle).toBe('Proposed');
});

test('files whose names the API would not take, or cannot show, stay when others are changed and in an upgrade', async () => {
  await pushOddNames();
  await trial.sync('r');
  const before = await filesAt('r', 'drafts/odd/w:odd');
  await trial.setFiles('r.odd.w', (texts) => {
    expect(Object.keys(texts).sort()).toEqual(['Kptfile', 'tab\tline\n"quotes"']);
    texts['config.yaml'] = files['config.yaml'][1];
  });
  await trial.mirrored('r.odd.w');
  expect(await trial.git('r', 'show', 'drafts/odd/w:odd/config.yaml')).toContain('ConfigMap');
  expect(await filesAt('r', 'drafts/odd/w:odd')).toEqual(before);
  await trial.publish('r.odd.w');
  const itself = { name: 'r.odd.w' };
  await trial.create('r', 'odd', 'upgraded', {
    type: 'upgrade',
    upgrade: { oldUpstreamRef: itself, newUpstreamRef: itself, localPackageRevisionRef: itself },
  });
  await trial.mirrored('r.odd.upgraded');
  expect(await filesAt('r', 'drafts/odd/upgraded:odd')).toEqual(before);
  await expect(
    trial.setFiles('r.odd.upgraded', (texts) => {
      texts['another\\slash'] = 'new';
    }),
  ).rejects.toMatchObject({ code: 400, message: expect.stringContaining('must not contain backslashes') });
});
