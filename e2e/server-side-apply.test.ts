import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from './harness/api-client.ts';
import { type KubectlProgram, modernKubectlPrograms } from './harness/kubectl.ts';
import { expectStatus } from './harness/packages.ts';
import type { Porch } from './harness/porch.ts';
import { startWorld, type World } from './harness/world.ts';

/** Owners as `manager/operation`, with the fields of each. */
const ownersOf = (object: Json): string[] =>
  (object.metadata.managedFields ?? []).map((entry: Json) => `${entry.manager}/${entry.operation}`);

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

const programs = modernKubectlPrograms();

if (programs.length === 0) it.skip('needs a kubectl of 1.29 or newer');

describe.each(programs)('$title', (program: KubectlProgram) => {
  let world: World;
  let porch: Porch;
  let count = 0;
  let name: string;

  beforeAll(async () => {
    world = await startWorld({ porch: { program } });
    porch = world.porch;
    await world.addRepository('repo');
  });
  afterAll(() => world?.close());
  beforeEach(() => {
    name = `pkg${count++}`;
  });

  const kubectl = (line: string, stdin?: string, env?: Record<string, string>): Promise<string> =>
    porch.kubectl(line.split(' '), stdin, env);
  const refused = async (line: string, stdin: string): Promise<string> => {
    const { code, stderr } = await porch.kubectlResult(line.split(' '), stdin);
    expect(code).not.toBe(0);
    return stderr;
  };
  const read = async (what: string): Promise<Json> =>
    JSON.parse(await kubectl(`get ${what} -o json --show-managed-fields`));

  const configMap = (data: Record<string, string>, labels?: Record<string, string>): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'default', ...(labels === undefined ? {} : { labels }) },
      data,
    });
  const revision = (spec: Json = {}, metadata: Json = {}): string =>
    JSON.stringify({
      apiVersion: 'porch.kpt.dev/v1alpha1',
      kind: 'PackageRevision',
      metadata: { name: `repo.${name}.v1`, namespace: 'default', ...metadata },
      spec: { repository: 'repo', packageName: name, workspaceName: 'v1', ...spec },
    });
  const apply = 'apply --server-side -f -';

  it('applies, applies again, and takes away what is no longer said', async () => {
    expect(await kubectl(apply, configMap({ a: '1', b: '2' }))).toBe(`configmap/${name} serverside-applied\n`);
    const first = await read(`configmap ${name}`);
    expect(ownersOf(first)).toEqual(['kubectl/Apply']);
    await kubectl(apply, configMap({ a: '1', b: '2' }));
    expect(await read(`configmap ${name}`)).toEqual(first);
    await kubectl(apply, configMap({ a: '3' }));
    expect((await read(`configmap ${name}`)).data).toEqual({ a: '3' });
  });

  it('does not show the owners of fields unless it is asked to', async () => {
    await kubectl(apply, configMap({ a: '1' }));
    expect(await kubectl(`get configmap ${name} -o yaml`)).not.toContain('managedFields');
    expect(await kubectl(`get configmap ${name} -o yaml --show-managed-fields`)).toContain('f:data');
  });

  it('explains conflicts, and takes over when it is forced', async () => {
    await kubectl(`${apply} --field-manager=other`, configMap({ a: '1', b: '2' }));
    const stderr = await refused(apply, configMap({ a: '2' }));
    expect(stderr).toMatch(/Apply failed with 1 conflict: conflict with "other": \.data\.a/);
    expect(stderr).toContain('--force-conflicts');
    await kubectl(`${apply} --force-conflicts`, configMap({ a: '2' }));
    const object = await read(`configmap ${name}`);
    expect(object.data).toEqual({ a: '2', b: '2' });
    expect(
      object.metadata.managedFields.map((entry: Json) => [entry.manager, Object.keys(entry.fieldsV1['f:data'])]),
    ).toEqual(
      expect.arrayContaining([
        ['kubectl', ['f:a']],
        ['other', ['f:b']],
      ]),
    );
  });

  it('shows what would become of an object, and the difference', async () => {
    await kubectl(apply, configMap({ a: '1' }));
    const before = await read(`configmap ${name}`);
    expect(await kubectl(`${apply} --dry-run=server`, configMap({ a: '2' }))).toContain('(server dry run)');
    const { code, stdout } = await porch.kubectlResult(['diff', '--server-side', '-f', '-'], configMap({ a: '2' }));
    expect([code, stdout]).toEqual([1, expect.stringMatching(/-\s+a: "?1"?[^]*\+\s+a: "?2"?/)]);
    expect(await read(`configmap ${name}`)).toEqual(before);
  });

  it('goes on where client-side apply has left off, both ways', async () => {
    await kubectl('apply -f -', configMap({ a: '1', b: '2' }));
    expect(ownersOf(await read(`configmap ${name}`))).toEqual(['kubectl-client-side-apply/Update']);
    await kubectl(apply, configMap({ a: '2' }));
    const migrated = await read(`configmap ${name}`);
    expect(migrated.data).toEqual({ a: '2' });
    expect(ownersOf(migrated).sort()).toEqual(['kubectl-last-applied/Apply', 'kubectl/Apply']);
    expect(JSON.parse(migrated.metadata.annotations[lastApplied]).data).toEqual({ a: '2' });
    await kubectl('apply -f -', configMap({ a: '3' }));
    expect((await read(`configmap ${name}`)).data).toEqual({ a: '3' });
  });

  it('edits and labels what was applied, and then finds the conflict', async () => {
    await kubectl(apply, configMap({ a: '1' }, { team: 'red' }));
    await kubectl(`edit configmap ${name}`, undefined, { EDITOR: 'sed -i s/red/blue/' });
    await kubectl(`label configmap ${name} other=z`);
    const object = await read(`configmap ${name}`);
    expect(object.metadata.labels).toEqual({ team: 'blue', other: 'z' });
    expect(ownersOf(object)).toEqual(expect.arrayContaining(['kubectl-edit/Update', 'kubectl-label/Update']));
    expect(await refused(apply, configMap({ a: '1' }, { team: 'red' }))).toContain('.metadata.labels.team');
    await kubectl(apply, configMap({ a: '1' }, { team: 'blue' }));
  });

  it('keeps what a Secret is given as text', async () => {
    const secret = (data: Record<string, string>) =>
      JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, stringData: data });
    await kubectl(apply, secret({ a: 'x', b: 'y' }));
    const first = await read(`secret ${name}`);
    await kubectl(apply, secret({ a: 'x', b: 'y' }));
    expect(await read(`secret ${name}`)).toEqual(first);
    await kubectl(apply, secret({ a: 'x' }));
    expect((await read(`secret ${name}`)).data).toEqual({ a: Buffer.from('x').toString('base64') });
  });

  it('keeps the owners of namespaces and repositories', async () => {
    const namespace = (labels: Json) =>
      JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    await kubectl(apply, namespace({ a: 'x' }));
    await kubectl(apply, namespace({}));
    expect((await read(`namespace ${name}`)).metadata.labels).toEqual({ 'kubernetes.io/metadata.name': name });
    await kubectl('annotate repository repo note=x');
    const repository = await read('repository repo');
    expect(ownersOf(repository).length).toBeGreaterThan(0);
    expect(repository.status.conditions).toBeDefined();
    for (const { fieldsV1 } of repository.metadata.managedFields) expect(fieldsV1['f:status']).toBeUndefined();
  });

  it("keeps a repository's conditions of different writers apart", async () => {
    const path = '/apis/config.porch.kpt.dev/v1alpha1/namespaces/default/repositories/repo';
    const typesOf = ({ status }: Json): string[] => status.conditions.map(({ type }: Json) => type);
    const reviewed = { type: 'Reviewed', status: 'True', reason: 'Reviewed', message: 'by hand' };
    const status = { conditions: [{ ...reviewed, lastTransitionTime: '2026-01-01T00:00:00Z' }] };
    const applied = async (more: Json) => {
      const header = { apiVersion: 'config.porch.kpt.dev/v1alpha1', kind: 'Repository', metadata: { name: 'repo' } };
      const body = { ...header, ...more };
      const type = { 'content-type': 'application/apply-patch+yaml' };
      return expectStatus(await porch.http('PATCH', `${path}/status?fieldManager=reviewer`, body, type), 200);
    };
    expect(typesOf(await applied({ status }))).toEqual(expect.arrayContaining(['Ready', 'Reviewed']));
    const after = typesOf(await applied({}));
    expect(after).toContain('Ready');
    expect(after).not.toContain('Reviewed');
  });

  it('makes and changes package revisions', async () => {
    const task = { tasks: [{ type: 'init', init: { description: 'd' } }] };
    await kubectl(apply, revision(task, { labels: { a: 'x' } }));
    const draft = await read(`packagerevision repo.${name}.v1`);
    expect(draft.spec.lifecycle).toBe('Draft');
    expect(ownersOf(draft)).toEqual(['kubectl/Apply']);
    await kubectl(apply, revision(task, { labels: { a: 'x' } }));
    expect(await read(`packagerevision repo.${name}.v1`)).toEqual(draft);
    const gates = [{ conditionType: 'tested' }];
    await kubectl(apply, revision({ ...task, readinessGates: gates, lifecycle: 'Proposed' }));
    const proposed = await read(`packagerevision repo.${name}.v1`);
    expect([proposed.spec.lifecycle, proposed.metadata.labels]).toEqual(['Proposed', undefined]);
    const approval = `/apis/porch.kpt.dev/v1alpha1/namespaces/default/packagerevisions/repo.${name}.v1/approval`;
    const publish = { spec: { lifecycle: 'Published' } };
    const headers = { 'content-type': 'application/merge-patch+json' };
    expectStatus(await porch.http('PATCH', approval, publish, headers), 200);
    const published = await read(`packagerevision repo.${name}.v1`);
    expect(published.spec.lifecycle).toBe('Published');
    const approver = published.metadata.managedFields.find((entry: Json) => entry.subresource === 'approval');
    expect(approver.fieldsV1).toEqual({ 'f:spec': { 'f:lifecycle': {} } });
    expect(await refused(apply, revision({ ...task, readinessGates: gates, lifecycle: 'Proposed' }))).toContain(
      '.spec.lifecycle',
    );
  });

  it('takes away the last label of a package', async () => {
    await kubectl(apply, revision({ packageMetadata: { labels: { a: 'x' } } }));
    const path = `packagerevision repo.${name}.v1`;
    const { annotations } = (await read(path)).spec.packageMetadata;
    const none = Object.fromEntries(Object.keys(annotations).map((key) => [key, null]));
    await kubectl(
      `patch ${path} --type=merge -p ${JSON.stringify({ spec: { packageMetadata: { annotations: none } } })}`,
    );
    expect((await read(path)).spec.packageMetadata).toEqual({ labels: { a: 'x' } });
    await kubectl(apply, revision());
    expect((await read(path)).spec.packageMetadata?.labels).toBeUndefined();
  });

  it('refuses to apply a package revision under another name than its own', async () => {
    const stderr = await refused(apply, revision({ workspaceName: 'v2' }));
    expect(stderr).toContain(`name it "repo.${name}.v2"`);
    expect(await kubectl('get packagerevisions -o name')).not.toContain(name);
  });

  it('applies some of the files of a package and leaves the others alone', async () => {
    await kubectl('apply -f -', revision());
    const files = (resources: Json) =>
      JSON.stringify({
        apiVersion: 'porch.kpt.dev/v1alpha1',
        kind: 'PackageRevisionResources',
        metadata: { name: `repo.${name}.v1`, namespace: 'default' },
        spec: { resources },
      });
    const map = (value: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cm\ndata:\n  a: ${value}\n`;
    const path = `packagerevisionresources repo.${name}.v1`;
    await kubectl(apply, files({ 'a.yaml': map('x'), 'b.yaml': map('y').replace('cm', 'other') }));
    const both = await read(path);
    expect(Object.keys(both.spec.resources)).toEqual(expect.arrayContaining(['Kptfile', 'a.yaml', 'b.yaml']));
    await kubectl(apply, files({ 'a.yaml': map('x') }));
    const one = await read(path);
    expect(Object.keys(one.spec.resources)).toContain('Kptfile');
    expect(Object.keys(one.spec.resources)).not.toContain('b.yaml');
    await kubectl(`${apply} --field-manager=second`, files({ 'a.yaml': map('x') }));
    const shared = await read(path);
    expect(ownersOf(shared)).toEqual(expect.arrayContaining(['kubectl/Apply', 'second/Apply']));
    expect(await refused(apply, files({ 'a.yaml': map('z') }))).toContain('conflict with "second"');
    await kubectl(apply, files({}));
    expect(Object.keys((await read(path)).spec.resources)).toContain('a.yaml');
    expect(await refused(apply, files({ 'a.yaml': map('x') }).replace(`${name}.v1`, 'no.v1'))).toContain('not found');
  });
});
