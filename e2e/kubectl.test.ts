import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from './harness/api-client.ts';
import { eventually } from './harness/eventually.ts';
import { fullySupported, kubectlPrograms } from './harness/kubectl.ts';
import { revisionsPath } from './harness/packages.ts';
import type { Porch } from './harness/porch.ts';
import { Remote } from './harness/remote.ts';
import { gitPassword, gitUser, startWorld, type World } from './harness/world.ts';

const revision = 'packagerevision.porch.kpt.dev';

describe.each(kubectlPrograms())('$title', (program) => {
  let world: World;
  let porch: Porch;
  let directory: string;
  const kubectl = (line: string, stdin?: string, env?: Record<string, string>): Promise<string> =>
    porch.kubectl(line.split(' '), stdin, env);
  const json = async (line: string): Promise<Json> => JSON.parse(await kubectl(`${line} -o json`));

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'porch-kubectl-'));
    world = await startWorld({ porch: { program } });
    porch = world.porch;
    await world.git.createRepository('repo');
    await new Remote(world.git.directory('repo')).push('main', { 'README.md': 'x\n' });
  });
  afterAll(async () => {
    await world?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const repository = (more = ''): string => `apiVersion: config.porch.kpt.dev/v1alpha1
kind: Repository
metadata:
  name: repo
  namespace: default
spec:
  type: git
${more}  git:
    repo: ${world.git.url('repo')}
    secretRef:
      name: repo-auth
`;
  const newRevision = (packageName: string, more = ''): string => `apiVersion: porch.kpt.dev/v1alpha1
kind: PackageRevision
metadata:
  name: repo.${packageName}.v1
  namespace: default
spec:
  repository: repo
  packageName: ${packageName}
  workspaceName: v1
${more}`;

  it('learns what there is: api-resources, api-versions, version, explain', async () => {
    const resources = await kubectl('api-resources');
    for (const kind of [
      'Namespace',
      'Secret',
      'Repository',
      'PackageRevision',
      'PackageRevisionResources',
      'PorchPackage',
    ]) {
      expect(resources).toMatch(new RegExp(`\\b${kind}$`, 'm'));
    }
    const versions = (await kubectl('api-versions')).split('\n');
    for (const version of ['config.porch.kpt.dev/v1alpha1', 'porch.kpt.dev/v1alpha1', 'v1']) {
      expect(versions).toContain(version);
    }
    expect((await json('version')).serverVersion.major).toBe('1');
    // Older ones explain from OpenAPI v2.
    if (program.minor < fullySupported) return;
    expect(await kubectl('explain packagerevisions.spec.tasks')).toContain('clone');
    expect(await kubectl('explain repository.spec.git')).toContain('branch');
    expect(await kubectl('explain packagerevisionresources --recursive')).toContain('renderStatus');
    expect(await kubectl('explain secret.stringData')).toContain('FIELD: stringData');
  });

  it('creates namespaces and secrets', async () => {
    expect(await kubectl('create namespace team')).toBe('namespace/team created\n');
    expect(await kubectl('get namespaces')).toMatch(/^team +Active/m);
    await porch.kubectl([
      'create',
      'secret',
      'generic',
      'repo-auth',
      '--type=kubernetes.io/basic-auth',
      `--from-literal=username=${gitUser}`,
      `--from-literal=password=${gitPassword}`,
    ]);
    expect(await kubectl('get secret repo-auth')).toMatch(/^repo-auth +kubernetes\.io\/basic-auth +2/m);
    expect((await json('get secret repo-auth')).data.username).toBe(Buffer.from(gitUser).toString('base64'));
    const again = await porch.kubectlResult(['create', 'namespace', 'team']);
    expect(again.stderr).toContain('Error from server (AlreadyExists): namespaces "team" already exists');
    expect(await kubectl('delete namespace team')).toContain('namespace "team" deleted');
  });

  it('applies lists of objects, as it prints them', async () => {
    await kubectl('create configmap one --from-literal=a=1');
    await kubectl('create configmap two --from-literal=b=2');
    const list = await kubectl('get configmaps -o yaml');
    expect(list).toContain('kind: List');
    await kubectl('delete configmap one two');
    expect(await kubectl('apply -f -', list)).toContain('configmap/one created\nconfigmap/two created\n');
    expect(await kubectl('get configmap two -o jsonpath={.data.b}')).toBe('2');
    const wrong = await porch.kubectlResult(['apply', '-f', '-'], list.replace('  data:', '  dtaa:'));
    expect(wrong.stderr).toMatch(/unknown field "dtaa"/);
    await kubectl('delete configmap one two');
  });

  it('applies a repository, waits until it is Ready, and shows it', async () => {
    expect(await kubectl('apply -f -', repository())).toBe('repository.config.porch.kpt.dev/repo created\n');
    expect(await kubectl('wait --for=condition=Ready repository/repo --timeout=90s')).toContain('condition met');
    expect(await kubectl('apply -f -', repository())).toBe('repository.config.porch.kpt.dev/repo unchanged\n');
    expect(await kubectl('apply -f -', repository('  description: in words\n'))).toContain('configured');
    expect((await json('get repo repo')).spec.description).toBe('in words');
    expect(await kubectl('get repositories')).toMatch(/^repo +git +Package +false +True +http:/m);
    expect(await kubectl('describe repository repo')).toMatch(/Message: +Repository Ready/);
    const immutable = await porch.kubectlResult(['apply', '-f', '-'], repository().replace('repo.git', 'other.git'));
    expect(immutable).toMatchObject({ code: 1, stderr: expect.stringContaining('spec.git.repo is immutable') });
  });

  it('creates a package revision, and one without a name', async () => {
    expect(await kubectl('create -f -', newRevision('one', '  lifecycle: Draft\n'))).toBe(
      `${revision}/repo.one.v1 created\n`,
    );
    const nameless = newRevision('two').replace(/ {2}name: .*\n/, '');
    expect(await kubectl('create -f -', nameless)).toBe(`${revision}/repo.two.v1 created\n`);
    const again = await porch.kubectlResult(['create', '-f', '-'], newRevision('one'));
    expect(again.stderr).toMatch(/Error from server \(AlreadyExists\).*workspaceNames must be unique/);
    if (program.minor < fullySupported) return;
    const wrong = await porch.kubectlResult(['create', '-f', '-'], newRevision('three', '  lifecylce: Draft\n'));
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('unknown field "spec.lifecylce"') });
  });

  it('gets in every output form', async () => {
    const name = 'repo.one.v1';
    const table = await kubectl('get packagerevisions');
    expect(table).toMatch(/^NAME +PACKAGE +WORKSPACENAME +REVISION +LATEST +LIFECYCLE +REPOSITORY\n/);
    expect(table).toMatch(/^repo\.one\.v1 +one +v1 +0 +false +Draft +repo$/m);
    expect(await kubectl(`get packagerevision ${name} -o wide`)).toContain('AGE');
    expect(await kubectl(`get packagerevision ${name} -o yaml`)).toContain('workspaceName: v1');
    expect((await json(`get packagerevision ${name}`)).metadata.name).toBe(name);
    expect((await json('get packagerevisions')).items).toHaveLength(2);
    expect(await kubectl('get packagerevisions -o name')).toBe(`${revision}/repo.one.v1\n${revision}/repo.two.v1\n`);
    expect(await kubectl(`get packagerevision ${name} -o jsonpath={.spec.lifecycle}`)).toBe('Draft');
    expect(await kubectl(`get packagerevisions -o custom-columns=P:.spec.packageName --no-headers`)).toBe('one\ntwo\n');
    expect(await kubectl('get packagerevisions -A')).toMatch(/^NAMESPACE +NAME/);
    expect(await kubectl('get packagerevisions --show-labels')).toContain('<none>');
    expect(await kubectl('get packagerevisions,packagerevisionresources,packages,repositories')).toMatch(
      /repository\.config\.porch\.kpt\.dev\/repo/,
    );
    expect(await kubectl(`get packagerevisionresources ${name} -o jsonpath={.spec.resources.Kptfile}`)).toContain(
      'kind: Kptfile',
    );
    expect(await kubectl(`describe packagerevision ${name}`)).toMatch(/Package Name: +one/);
    const missing = await porch.kubectlResult(['get', 'packagerevision', 'repo.none.v1']);
    expect(missing.stderr).toBe(
      'Error from server (NotFound): packagerevisions.porch.kpt.dev "repo.none.v1" not found\n',
    );
    expect(await kubectl('get packagerevisions -n nowhere -o name')).toBe('');
  });

  it('selects and sorts', async () => {
    await kubectl('label packagerevision repo.one.v1 team=red');
    expect(await kubectl('get packagerevisions -l team=red -o name')).toBe(`${revision}/repo.one.v1\n`);
    expect(await kubectl('get packagerevisions -l team!=red -o name')).toBe(`${revision}/repo.two.v1\n`);
    const byField = await kubectl(
      'get packagerevisions --field-selector spec.packageName=two,spec.lifecycle=Draft -o name',
    );
    expect(byField).toBe(`${revision}/repo.two.v1\n`);
    const unknown = await porch.kubectlResult(['get', 'packagerevisions', '--field-selector', 'spec.color=red']);
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('spec.color') });
    const sorted = await kubectl('get packagerevisions --sort-by=.metadata.name --no-headers');
    expect(sorted.split('\n').map((line) => line.split(' ')[0])).toEqual(['repo.one.v1', 'repo.two.v1', '']);
    expect(await kubectl('get packagerevisions --chunk-size=1 -o name')).toBe(
      `${revision}/repo.one.v1\n${revision}/repo.two.v1\n`,
    );
  });

  it('labels, annotates, and takes both away', async () => {
    await kubectl('label packagerevision repo.two.v1 a=1 b=2');
    await kubectl('label packagerevision repo.two.v1 a=3 --overwrite');
    await kubectl('label packagerevision repo.two.v1 b-');
    await kubectl('annotate packagerevision repo.two.v1 note=hello');
    const { metadata } = await json('get packagerevision repo.two.v1');
    expect(metadata.labels).toEqual({ a: '3' });
    expect(metadata.annotations).toMatchObject({ note: 'hello' });
    await kubectl('annotate packagerevision repo.two.v1 note-');
    expect((await json('get packagerevision repo.two.v1')).metadata.annotations?.note).toBeUndefined();
  });

  it('patches in all three ways', async () => {
    const patch = (type: string, body: Json) =>
      porch.kubectl(['patch', 'packagerevision', 'repo.two.v1', `--type=${type}`, '-p', JSON.stringify(body)]);
    await patch('merge', { metadata: { labels: { way: 'merge' } } });
    expect((await json('get packagerevision repo.two.v1')).metadata.labels.way).toBe('merge');
    await patch('json', [{ op: 'replace', path: '/metadata/labels/way', value: 'json' }]);
    expect((await json('get packagerevision repo.two.v1')).metadata.labels.way).toBe('json');
    await patch('strategic', { metadata: { labels: { way: 'strategic' }, finalizers: ['example.com/hold'] } });
    expect((await json('get packagerevision repo.two.v1')).metadata).toMatchObject({
      labels: { a: '3', way: 'strategic' },
      finalizers: ['example.com/hold'],
    });
    await patch('merge', { metadata: { finalizers: null } });
    const wrong = porch.kubectlResult([
      'patch',
      'packagerevision',
      'repo.two.v1',
      '--type=merge',
      '-p',
      '{"spec":{"lifecycle":"Published"}}',
    ]);
    expect(await wrong).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('value can be only updated to Draft,Proposed'),
    });
  });

  it('edits and replaces', async () => {
    const editor = join(directory, 'editor.sh');
    await writeFile(editor, '#!/bin/sh\nsed -i "s/way: strategic/way: edited/" "$1"\n');
    await chmod(editor, 0o700);
    await kubectl('edit packagerevision repo.two.v1', undefined, { EDITOR: editor, KUBE_EDITOR: editor });
    const edited = await json('get packagerevision repo.two.v1');
    expect(edited.metadata.labels.way).toBe('edited');

    const resources = await json('get packagerevisionresources repo.two.v1');
    resources.spec.resources['config.yaml'] = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n';
    expect(await kubectl('replace -f -', JSON.stringify(resources))).toContain('repo.two.v1 replaced');
    expect((await json('get packagerevisionresources repo.two.v1')).spec.resources['config.yaml']).toContain(
      'ConfigMap',
    );
    const stale = await porch.kubectlResult(['replace', '-f', '-'], JSON.stringify(resources));
    expect(stale.stderr).toMatch(/Error from server \(Conflict\).*the object has been modified/s);
  });

  it.skipIf(program.minor < fullySupported)('diffs and tries without leaving anything', async () => {
    const created = await kubectl('create --dry-run=server -o json -f -', newRevision('dry'));
    expect(JSON.parse(created)).toMatchObject({ metadata: { name: 'repo.dry.v1' }, spec: { lifecycle: 'Draft' } });
    await kubectl('apply --dry-run=server -f -', newRevision('dry'));
    await kubectl('label --dry-run=server packagerevision repo.one.v1 dry=run');
    await kubectl('delete --dry-run=server packagerevision repo.one.v1');
    expect((await json('get repo repo')).spec.description).toBe('in words');
    expect(await kubectl('get packagerevisions -o name')).toBe(`${revision}/repo.one.v1\n${revision}/repo.two.v1\n`);
    expect((await json('get packagerevision repo.one.v1')).metadata.labels).toEqual({ team: 'red' });
    const same = await porch.kubectlResult(['diff', '-f', '-'], repository('  description: in words\n'));
    expect(same).toEqual({ code: 0, stdout: '', stderr: '' });
    const other = await porch.kubectlResult(['diff', '-f', '-'], repository('  description: in other words\n'));
    expect(other.code).toBe(1);
    expect(other.stdout).toMatch(/^\+ *description: in other words/m);
    expect((await json('get repo repo')).spec.description).toBe('in words');
  });

  it('watches', async () => {
    const child = spawn(program.path, ['get', 'packagerevisions', '-w', '-o', 'name'], {
      env: { PATH: process.env.PATH, HOME: directory, KUBECONFIG: porch.kubeconfig },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
    try {
      let seen = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        seen += text;
      });
      await eventually('what is there', async () => seen.includes('repo.two.v1'));
      await kubectl('create -f -', newRevision('watched'));
      await eventually('the new one', async () => seen.includes('repo.watched.v1'));
    } finally {
      child.kill();
      await ended;
    }
  });

  it('takes a package through its life', async () => {
    const name = 'repo.one.v1';
    const lifecycle = (to: string) => [
      'packagerevision',
      name,
      '--type=merge',
      '-p',
      JSON.stringify({ spec: { lifecycle: to } }),
    ];
    await porch.kubectl(['patch', ...lifecycle('Proposed')]);
    const early = await porch.kubectlResult(['patch', ...lifecycle('Published')]);
    expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining('is invalid: spec.lifecycle') });
    if (program.minor >= 32) await porch.kubectl(['patch', ...lifecycle('Published'), '--subresource=approval']);
    else {
      // These know no other subresources than status and scale.
      const object = await json(`get packagerevision ${name}`);
      object.spec.lifecycle = 'Published';
      await kubectl(`replace --raw ${revisionsPath}/${name}/approval -f -`, JSON.stringify(object));
    }
    expect(await kubectl('get packagerevisions')).toMatch(/^repo\.one\.v1 +one +v1 +1 +true +Published +repo$/m);
    expect(await kubectl('get packages')).toMatch(/^repo\.one +one +repo +1$/m);
    expect(await kubectl('get packagerevisions -l kpt.dev/latest-revision=true -o name')).toBe(`${revision}/${name}\n`);
    const refused = await porch.kubectlResult(['delete', 'packagerevision', name]);
    expect(refused.stderr).toContain('published PackageRevisions must be proposed for deletion');
    await porch.kubectl(['patch', ...lifecycle('DeletionProposed')]);
    expect(await kubectl(`delete packagerevision ${name}`)).toContain(`"${name}" deleted`);
    expect(await kubectl('delete packagerevision repo.two.v1 repo.watched.v1')).toContain('deleted');
    expect(await kubectl('get packagerevisions -o name')).toBe(`${revision}/repo.one.main\n`);
  });

  it('deletes a repository and waits until it is gone', async () => {
    expect(await kubectl('delete repository repo')).toContain('"repo" deleted');
    expect(await kubectl('get packagerevisions -A -o name')).toBe('');
    const remote = new Remote(world.git.directory('repo'));
    expect(Object.keys(await remote.refs())).toEqual(['heads/main']);
  });
});
