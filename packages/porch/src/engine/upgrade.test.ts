import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { repositories } from '../resources/group.ts';
import type { PackageRevision, Task } from '../resources/package-revision.ts';
import { publishProgram, submodule } from './publish-program.test-support.ts';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;
let count = 0;

beforeAll(async () => {
  trial = await startTrial();
});

afterAll(() => trial?.close());

const namespaceFile = 'apiVersion: v1\nkind: Namespace\nmetadata: # the name is set below\n  name: example # set me\n';
const quotaFile = 'apiVersion: v1\nkind: ResourceQuota\nmetadata:\n  name: base\nspec:\n  hard:\n    pods: "5"\n';
const mineFile = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mine}   # kept as it is\n';

/** An upstream package with two published revisions, and a published clone of the first with a file of its own. */
async function story(): Promise<{ up: string; down: string; v1: string; v2: string; local: string }> {
  const [up, down] = [`up${count}`, `down${count++}`];
  await trial.addRepository(up);
  await trial.addRepository(down);
  const v1 = `${up}.basens.v1`;
  await trial.create(up, 'basens', 'v1');
  await trial.setFiles(v1, (files) => {
    files['namespace.yaml'] = namespaceFile;
  });
  await trial.publish(v1);
  const v2 = `${up}.basens.v2`;
  await trial.create(up, 'basens', 'v2', { type: 'edit', edit: { sourceRef: { name: v1 } } });
  await trial.setFiles(v2, (files) => {
    files['resourcequota.yaml'] = quotaFile;
    files['namespace.yaml'] = namespaceFile.replace('example', 'changed');
  });
  await trial.publish(v2);
  const local = `${down}.team.ns.one`;
  await trial.create(down, 'team/ns', 'one', {
    type: 'clone',
    clone: { upstreamRef: { type: '', upstreamRef: { name: v1 } } },
  });
  await trial.setFiles(local, (files) => {
    files['mine.yaml'] = mineFile;
  });
  await trial.publish(local);
  return { up, down, v1, v2, local };
}

function task(old: string, updated: string, local: string, strategy?: string): Task {
  return {
    type: 'upgrade',
    upgrade: {
      oldUpstreamRef: { name: old },
      newUpstreamRef: { name: updated },
      localPackageRevisionRef: { name: local },
      ...(strategy !== undefined && { strategy }),
    },
  };
}

const upgrade = (
  repository: string,
  given: Task,
  packageName = 'team/ns',
  workspace = 'two',
): Promise<PackageRevision> => trial.create(repository, packageName, workspace, given);

describe('an upgrade', () => {
  test('starts from what followed the branch, where the package came from there', async () => {
    const { up, down, v2, local } = await story();
    const given = task(`${up}.basens.main`, v2, local);
    const upgraded = await upgrade(down, given);
    expect(upgraded.spec.tasks).toEqual([given]);
    expect(upgraded.status.upstreamLock?.git?.ref).toBe('basens/v2');
    expect((await trial.resources(`${down}.team.ns.two`)).spec.resources?.['mine.yaml']).toBe(mineFile);
  });

  test('brings what changed upstream and keeps what was made locally', async () => {
    const { down, v1, v2, local } = await story();
    const given = task(v1, v2, local);
    const upgraded = await upgrade(down, given);
    const name = `${down}.team.ns.two`;
    expect(upgraded.metadata.name).toBe(name);
    expect(upgraded.spec).toMatchObject({ lifecycle: 'Draft', tasks: [given] });
    const { resources = {} } = (await trial.resources(name)).spec;
    expect(resources['mine.yaml']).toBe(mineFile);
    expect(resources['resourcequota.yaml']).toContain("upstream-identifier: '|ResourceQuota|default|base'");
    expect(resources['namespace.yaml']).toContain('  name: changed # set me\n');
    const newLock = trial.get(v2)?.status.selfLock?.git;
    expect(newLock?.commit).toMatch(/^[0-9a-f]{40}$/);
    const lock = { ...newLock, repo: newLock?.repo?.replace(/(\.git)?$/, '.git') };
    expect(upgraded.status.upstreamLock).toEqual({ type: 'git', git: lock });
    const kptfile = parse(resources.Kptfile ?? '');
    expect(kptfile.metadata.name).toBe('team/ns');
    expect(kptfile.upstream).toEqual({
      type: 'git',
      git: { repo: lock.repo, directory: lock.directory, ref: lock.ref },
    });
    expect(kptfile.upstreamLock.git).toEqual(lock);
    await trial.mirrored(name);
    expect(await trial.git(down, 'log', '-1', '--format=%s', 'drafts/team/ns/two')).toBe('Upgrading revision');
    const published = await trial.publish(name);
    expect(published.spec.revision).toBe(2);
    await expect(trial.setLifecycle(v2, 'DeletionProposed').then(() => trial.remove(v2))).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining(name),
    });
  });

  test('takes binary files, submodules, and the modes of files, from upstream as well', async () => {
    const { up, down, v1, v2, local } = await story();
    const blob = await publishProgram(trial, up, v2);
    await trial.sync(up);
    const v3 = `${up}.basens.v3`;
    expect(trial.get(v3)).toBeDefined();
    await upgrade(down, task(v1, v3, local));
    await trial.mirrored(`${down}.team.ns.two`);
    const tree = await trial.git(down, 'ls-tree', 'drafts/team/ns/two', 'team/ns/');
    expect(tree).toContain(`100755 blob ${blob}\tteam/ns/tool.bin`);
    expect(tree).toContain(`160000 commit ${submodule}\tteam/ns/module`);
  });

  test('keeps the package context of a deployment', async () => {
    const { v1, v2 } = await story();
    const live = `live${count}`;
    await trial.addRepository(live);
    await makeDeployment(live);
    const clone: Task = { type: 'clone', clone: { upstreamRef: { type: '', upstreamRef: { name: v1 } } } };
    await trial.create(live, 'ns', 'one', clone);
    await trial.publish(`${live}.ns.one`);
    const before = (await trial.resources(`${live}.ns.one`)).spec.resources ?? {};
    expect(parse(before['package-context.yaml'] ?? '').data).toEqual({ name: 'ns', 'package-path': 'ns' });
    await upgrade(live, task(v1, v2, `${live}.ns.one`, 'fast-forward'), 'ns');
    const { resources = {} } = (await trial.resources(`${live}.ns.two`)).spec;
    expect(resources['package-context.yaml']).toBe(before['package-context.yaml']);
    expect(resources['resourcequota.yaml']).toContain('pods: "5"');
  });
});

describe('an upgrade is refused, with the field named,', () => {
  const field = 'spec.tasks[0].upgrade';
  let known: Awaited<ReturnType<typeof story>>;
  beforeAll(async () => {
    known = await story();
  });

  async function expectRefusal(given: Task, at: string, text: string, packageName?: string): Promise<void> {
    const refused = upgrade(known.down, given, packageName, 'refused');
    await expect(refused).rejects.toMatchObject({
      code: 400,
      reason: 'Invalid',
      message: expect.stringContaining(text),
      status: { details: { causes: [{ field: `${field}.${at}` }] } },
    });
    expect(trial.get(`${known.down}.team.ns.refused`)).toBeUndefined();
  }

  test.each(['oldUpstreamRef', 'newUpstreamRef', 'localPackageRevisionRef'] as const)('for %s', async (ref) => {
    const { up, down, v1, v2, local } = known;
    const given = (name: string): Task => {
      const { upgrade: section } = task(v1, v2, local);
      return { type: 'upgrade', upgrade: { ...section, [ref]: { name } } };
    };
    const home = ref === 'localPackageRevisionRef' ? `${down}.team.ns` : `${up}.basens`;
    await expectRefusal(given('no-such'), `${ref}.name`, 'there is no such package revision');
    if (ref !== 'oldUpstreamRef') {
      await expectRefusal(given(`${home}.main`), `${ref}.name`, 'placeholder package revision');
    }
    const draft = `${home}.draft-${ref.toLowerCase()}`;
    const source = ref === 'localPackageRevisionRef' ? local : v1;
    const packageName = ref === 'localPackageRevisionRef' ? 'team/ns' : 'basens';
    await trial.create(ref === 'localPackageRevisionRef' ? down : up, packageName, `draft-${ref.toLowerCase()}`, {
      type: 'edit',
      edit: { sourceRef: { name: source } },
    });
    await expectRefusal(given(draft), `${ref}.name`, 'must be published');
  });

  test('for a local revision of another package', async () => {
    const { v1, v2, local } = known;
    await expectRefusal(task(v1, v2, local), 'localPackageRevisionRef.name', 'team/ns', 'other');
    await expectRefusal(task(v1, v2, v1), 'localPackageRevisionRef.name', 'basens');
  });

  test('for what the strategy does not allow', async () => {
    const { v1, v2, local } = known;
    await expectRefusal(
      task(v1, v2, local, 'fast-forward'),
      'strategy',
      'local package files have been modified: [mine.yaml]',
    );
  });
});

/** Makes a repository one of deployments. */
async function makeDeployment(name: string): Promise<void> {
  const repository = trial.parts.registrations.get('default', name);
  const value = JSON.stringify({ ...repository, spec: { ...repository?.spec, deployment: true } });
  const key = { resource: repositories, namespace: 'default', name };
  await trial.parts.store.commit({ operations: [{ type: 'put', key, uid: name, value }] });
}
