import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Remote } from '../../../../e2e/harness/remote.ts';
import { pushOnRenderFailureAnnotation } from '../resources/group.ts';
import type { PackageRevision, Task } from '../resources/package-revision.ts';
import { publishProgram, submodule } from './publish-program.test-support.ts';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;
let up: string;
let down: string;
/** Published revisions of an upstream package. */
let v1: string;
let v2: string;
/** A draft of another package. */
let draft: string;

beforeAll(async () => {
  trial = await startTrial();
});

afterAll(() => trial?.close());

const namespaceFile = 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: example # set me\n';
const mineFile = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mine}   # kept as it is\n';

beforeEach(async () => {
  up = await trial.newRepository();
  down = await trial.newRepository();
  v1 = `${up}.basens.v1`;
  await trial.create(up, 'basens', 'v1');
  await trial.setFiles(v1, (files) => {
    files['namespace.yaml'] = namespaceFile;
  });
  await trial.publish(v1);
  v2 = `${up}.basens.v2`;
  await trial.create(up, 'basens', 'v2', { type: 'edit', edit: { sourceRef: { name: v1 } } });
  await trial.setFiles(v2, (files) => {
    files['namespace.yaml'] = namespaceFile.replace('example', 'changed');
  });
  await trial.publish(v2);
  draft = `${down}.app.one`;
  await trial.create(down, 'app', 'one');
});

const cloneTask = (name: string, subpackageDir: string): Task => ({
  type: 'clone',
  clone: { upstreamRef: { upstreamRef: { name } }, subpackageDir },
});

const upgradeTask = (subpackageDir: string, strategy = 'resource-merge'): Task => ({
  type: 'upgrade',
  upgrade: {
    oldUpstreamRef: { name: v1 },
    newUpstreamRef: { name: v2 },
    localPackageRevisionRef: { name: draft },
    strategy,
    subpackageDir,
  },
});

const add = (task: Task, dryRun = false, change: (object: PackageRevision) => void = () => undefined) =>
  trial.update(
    draft,
    (object) => {
      object.spec.tasks?.push(task);
      change(object);
    },
    dryRun,
  );

async function files(): Promise<Record<string, string>> {
  return (await trial.resources(draft)).spec.resources ?? {};
}

async function commits(): Promise<string> {
  await trial.mirrored(draft);
  return trial.git(down, 'rev-list', '--count', 'drafts/app/one');
}

describe('a task for a subpackage that is added to a draft', () => {
  test('clones a package into a directory, and is not kept', async () => {
    const before = trial.get(draft);
    const written = await add(cloneTask(v1, 'level1/level2/ns'));
    expect(written.spec.tasks).toEqual(before?.spec.tasks);
    expect(trial.get(draft)?.spec).toEqual(before?.spec);
    const found = await files();
    expect(found['level1/level2/ns/namespace.yaml']).toContain('name: example # set me');
    expect(found['level1/level2/ns/namespace.yaml']).toContain(
      "internal.kpt.dev/upstream-identifier: '|Namespace|default|example'",
    );
    const kptfile = parse(found['level1/level2/ns/Kptfile'] ?? '');
    expect(kptfile.metadata.name).toBe('level1.level2.ns');
    expect(parse((await trial.resources(v1)).spec.resources?.Kptfile ?? '').status).toBeDefined();
    expect(kptfile.status).toBeUndefined();
    expect(kptfile.upstream.git).toMatchObject({ directory: 'basens', ref: 'basens/v1' });
    expect(kptfile.upstreamLock.git.commit).toBe(trial.get(v1)?.status.selfLock?.git?.commit);
    expect(parse(found.Kptfile ?? '').metadata.name).toBe('app');
    await trial.mirrored(draft);
    expect(await trial.git(down, 'show', 'drafts/app/one:app/level1/level2/ns/Kptfile')).toContain('level1.level2.ns');
  });

  test('clones one from Git as well, beside others', async () => {
    await add(cloneTask(v1, 'a'));
    const repo = trial.parts.registrations.get('default', up)?.spec.git?.repo ?? '';
    const git = { repo, ref: 'basens/v2', directory: 'basens' };
    await add({ type: 'clone', clone: { upstreamRef: { type: 'git', git }, subpackageDir: 'a-b' } });
    const found = await files();
    expect(parse(found['a/Kptfile'] ?? '').upstream.git.ref).toBe('basens/v1');
    expect(parse(found['a-b/Kptfile'] ?? '').upstream.git.ref).toBe('basens/v2');
  });

  test('upgrades a subpackage, keeps what was made in it, and leaves the rest alone', async () => {
    await add(cloneTask(v1, 'deep/ns'));
    await trial.setFiles(draft, (texts) => {
      texts['deep/ns/mine.yaml'] = mineFile;
      texts['mine.yaml'] = mineFile;
    });
    const before = await files();
    const written = await add(upgradeTask('deep/ns'));
    expect(written.spec.tasks).toHaveLength(1);
    const after = await files();
    expect(after['deep/ns/namespace.yaml']).toContain('  name: changed # set me\n');
    expect(after['deep/ns/mine.yaml']).toBe(mineFile);
    const kptfile = parse(after['deep/ns/Kptfile'] ?? '');
    expect(kptfile.metadata.name).toBe('deep.ns');
    expect(kptfile.upstreamLock.git.commit).toBe(trial.get(v2)?.status.selfLock?.git?.commit);
    const others = (all: Record<string, string>) => Object.entries(all).filter(([path]) => !path.startsWith('deep/'));
    expect(others(after)).toEqual(others(before));
  });

  test('makes one commit, and none where nothing changes', async () => {
    await add(cloneTask(v1, 'ns'));
    await add(upgradeTask('ns'));
    const made = await commits();
    await add(upgradeTask('ns', 'copy-merge'));
    expect(await commits()).toBe(made);
    expect(await trial.git(down, 'log', '-1', '--format=%B', 'drafts/app/one')).toContain('"type":"render"');
  });

  test('brings programs, submodules and modes of files', async () => {
    const blob = await publishProgram(trial, up, v2);
    await trial.sync(up);
    await add(cloneTask(`${up}.basens.v3`, 'ns'));
    await trial.mirrored(draft);
    const tree = await trial.git(down, 'ls-tree', 'drafts/app/one', 'app/ns/');
    expect(tree).toContain(`100755 blob ${blob}\tapp/ns/tool.bin`);
    expect(tree).toContain(`160000 commit ${submodule}\tapp/ns/module`);
  });

  test('can come with a proposal, and with other changes', async () => {
    await add(cloneTask(v1, 'ns'), false, (object) => {
      object.spec.lifecycle = 'Proposed';
      object.spec.packageMetadata = { labels: { tier: 'one' } };
    });
    expect(trial.get(draft)?.spec).toMatchObject({
      lifecycle: 'Proposed',
      packageMetadata: { labels: { tier: 'one' } },
    });
    expect(Object.keys(await files())).toContain('ns/Kptfile');
    expect(parse((await files()).Kptfile ?? '').metadata.labels).toEqual({ tier: 'one' });
  });

  test('changes nothing in a dry run', async () => {
    const before = await files();
    await add(cloneTask(v1, 'ns'), true);
    expect(await files()).toEqual(before);
  });
});

describe('it is refused, with the field named and nothing changed,', () => {
  const refused = async (task: Task, field: string, text: string) => {
    const before = [trial.get(draft), await files()];
    await expect(add(task)).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining(text),
      status: { details: { causes: [{ field: `spec.tasks[1].${field}` }] } },
    });
    expect([trial.get(draft), await files()]).toEqual(before);
  };

  test('where something is in the way', async () => {
    await add(cloneTask(v1, 'a/b'));
    await trial.setFiles(draft, (texts) => {
      texts['plain.yaml'] = mineFile;
      texts['docs/readme'] = 'x\n';
      texts['file'] = 'x\n';
    });
    const field = 'clone.subpackageDir';
    await refused(cloneTask(v1, 'a/b'), field, 'parent already has content at "a/b/');
    await refused(cloneTask(v1, 'a'), field, 'parent already has content at "a/b/');
    await refused(cloneTask(v1, 'a/b/c'), field, 'parent already has a subpackage at "a/b"');
    await refused(cloneTask(v1, 'docs'), field, 'parent already has content at "docs/readme"');
    await refused(cloneTask(v1, 'file'), field, 'parent already has content at "file"');
    await refused(cloneTask(v1, 'file/below'), field, 'parent already has content at "file"');
  });

  test('where there is no subpackage to upgrade', async () => {
    await trial.setFiles(draft, (texts) => {
      texts['docs/readme'] = 'x\n';
    });
    await refused(upgradeTask('ns'), 'upgrade.subpackageDir', `subpackage "ns" not found in package "${draft}"`);
    await refused(upgradeTask('docs'), 'upgrade.subpackageDir', 'there is no Kptfile in "docs"');
  });

  test('for revisions that are not there or may not be used, and for what the strategy does not allow', async () => {
    await add(cloneTask(v1, 'ns'));
    await trial.setFiles(draft, (texts) => {
      texts['ns/mine.yaml'] = mineFile;
    });
    await refused(cloneTask(draft, 'other'), 'clone.upstreamRef.upstreamRef.name', 'cannot be cloned into itself');
    await refused(cloneTask('none', 'other'), 'clone.upstreamRef.upstreamRef.name', 'no such package revision');
    await refused(upgradeTask('ns', 'fast-forward'), 'upgrade.strategy', 'have been modified: [mine.yaml]');
    const task = upgradeTask('ns');
    if (task.upgrade !== undefined) task.upgrade.newUpstreamRef = { name: draft };
    await refused(task, 'upgrade.newUpstreamRef.name', 'must be published');
  });
});

describe('where rendering the draft with its new subpackage fails', () => {
  const kptfile = [
    'apiVersion: kpt.dev/v1',
    'kind: Kptfile',
    'metadata: {name: bad}',
    'pipeline:',
    '  mutators:',
    '    - image: ghcr.io/kptdev/krm-functions-catalog/starlark:latest',
    '      configMap: {source: "fail(1)"}',
    '',
  ];

  /** A published revision that somebody has pushed, whose functions fail. */
  async function failing(): Promise<string> {
    const remote = new Remote(trial.gitServer.directory(up));
    await remote.push('main', { 'bad/Kptfile': kptfile.join('\n') });
    await remote.git('update-ref', 'refs/tags/bad/v1', 'main');
    await trial.sync(up);
    return `${up}.bad.v1`;
  }

  test('nothing is changed', async () => {
    const before = [trial.get(draft), await files()];
    await expect(add(cloneTask(await failing(), 'ns'))).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining('error rendering package in kpt function pipeline. Package NOT pushed'),
    });
    expect([trial.get(draft), await files()]).toEqual(before);
  });

  test('it is kept, with a warning, where the draft is annotated so; but it is not proposed', async () => {
    const task = cloneTask(await failing(), 'ns');
    await trial.update(draft, ({ metadata }) => {
      metadata.annotations = { [pushOnRenderFailureAnnotation]: 'true' };
    });
    const propose = (object: PackageRevision) => {
      object.spec.lifecycle = 'Proposed';
    };
    await expect(add(task, false, propose)).rejects.toMatchObject({ code: 400 });
    expect(Object.keys(await files())).not.toContain('ns/Kptfile');
    await add(task);
    expect(trial.context.warnings.at(-1)).toContain('rendering it failed');
    expect(Object.keys(await files())).toContain('ns/Kptfile');
    expect((await trial.resources(draft)).status?.renderStatus?.error).toContain('fail');
    await expect(trial.setLifecycle(draft, 'Proposed')).rejects.toMatchObject({ code: 400 });
  });
});
