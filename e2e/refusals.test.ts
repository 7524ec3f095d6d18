import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Json } from './harness/api-client.ts';
import { expectStatus, type Packages, revisionsPath } from './harness/packages.ts';
import { startWorld, type World } from './harness/world.ts';

let world: World;
let packages: Packages;
beforeAll(async () => {
  world = await startWorld();
  packages = world.packages;
  await world.addRepository('repo');
});
afterAll(() => world?.close());

const wanted = (packageName: string, workspaceName = 'v1') => ({ repository: 'repo', packageName, workspaceName });
let count = 0;

/** A package revision of its own in the given state; gives its name. */
async function revisionIn(lifecycle: string): Promise<string> {
  const { name } = expectStatus(await packages.create(wanted(`p${++count}`)), 201).metadata;
  if (lifecycle === 'Draft') return name;
  expectStatus(await packages.propose(name), 200);
  if (lifecycle === 'Proposed') return name;
  expectStatus(await packages.approve(name), 200);
  if (lifecycle === 'Published') return name;
  expectStatus(await packages.setLifecycle(name, 'DeletionProposed'), 200);
  return name;
}

/** Checks a refusal in full: the code, the Status, and what it says. */
function expectRefusal(answer: Answer, code: number, reason: string, message: RegExp | string): Json {
  const status = expectStatus(answer, code);
  expect(status).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason });
  if (typeof message === 'string') expect(status.message).toContain(message);
  else expect(status.message).toMatch(message);
  return status;
}

describe('moves of the lifecycle that are not made', () => {
  it.each([
    ['Draft', 'Published', '', 'value can be only updated to Draft,Proposed'],
    ['Draft', 'DeletionProposed', '', 'value can be only updated to Draft,Proposed'],
    ['Draft', 'Nonsense', '', 'value can be only updated to Draft,Proposed,Published,DeletionProposed'],
    [
      'Draft',
      'Published',
      '/approval',
      'cannot approve package with Draft lifecycle value; only Proposed packages can be approved',
    ],
    ['Proposed', 'Published', '', 'value can be only updated to Draft,Proposed'],
    ['Proposed', 'Proposed', '/approval', 'value for approval can be only one of Draft,Published'],
    [
      'Proposed',
      'DeletionProposed',
      '/approval',
      'cannot update lifecycle DeletionProposed; only Published packages require approval for deletion',
    ],
    ['Published', 'Draft', '', 'value can be only updated to Published,DeletionProposed'],
    [
      'Published',
      'Draft',
      '/approval',
      "package with Published lifecycle value can only be updated to 'ProposeDeletion'",
    ],
    ['DeletionProposed', 'Proposed', '', 'value can be only updated to Published,DeletionProposed'],
    [
      'DeletionProposed',
      'Draft',
      '/approval',
      "package with DeletionProposed lifecycle value can only be updated to 'Published'",
    ],
  ] as const)('%s to %s through "%s"', async (from, to, endpoint, message) => {
    const name = await revisionIn(from);
    const before = expectStatus(await packages.get(name), 200);
    const status = expectRefusal(await packages.setLifecycle(name, to, endpoint), 400, 'Invalid', message);
    expect(status.details.causes[0].field).toBe('spec.lifecycle');
    expect(expectStatus(await packages.get(name), 200)).toEqual(before);
  });
});

describe('deleting', () => {
  it('a published revision is refused until its deletion is proposed', async () => {
    const name = await revisionIn('Published');
    expectRefusal(
      await packages.delete(name),
      403,
      'Forbidden',
      "published PackageRevisions must be proposed for deletion by setting spec.lifecycle to 'DeletionProposed' prior to deletion",
    );
    expectStatus(await packages.get(name), 200);
  });

  it('what is not there is 404', async () => {
    for (const name of ['repo.nothing.v1', 'foo']) {
      expectRefusal(await packages.delete(name), 404, 'NotFound', `packagerevisions.porch.kpt.dev "${name}" not found`);
      expectRefusal(await packages.get(name), 404, 'NotFound', `packagerevisions.porch.kpt.dev "${name}" not found`);
      expectRefusal(
        await packages.resources(name),
        404,
        'NotFound',
        `packagerevisionresources.porch.kpt.dev "${name}" not found`,
      );
    }
  });
});

describe('replacing resources', () => {
  it.each(['Proposed', 'Published', 'DeletionProposed'])('of a %s revision is refused', async (lifecycle) => {
    const name = await revisionIn(lifecycle);
    const answer = await packages.replaceResources(name, (files) => {
      files['new.txt'] = 'x';
    });
    const message = `cannot update a package revision with lifecycle value "${lifecycle}"; package must be Draft`;
    expectRefusal(answer, 400, 'BadRequest', message);
  });

  it.each<[string, (files: Record<string, string>) => void, RegExp]>([
    ['without Kptfile', (files: Record<string, string>) => void delete files.Kptfile, /Kptfile/],
    [
      'outside of the package',
      (files: Record<string, string>) => void (files['../x.yaml'] = 'a: b\n'),
      /\.\.\/x\.yaml/,
    ],
    ['in .git', (files: Record<string, string>) => void (files['.git/config'] = '[core]\n'), /\.git/],
    ['that is no YAML', (files: Record<string, string>) => void (files['x.yaml'] = 'a: [b\n'), /x\.yaml/],
    [
      'whose function is not known',
      (files: Record<string, string>) =>
        void (files.Kptfile += 'pipeline:\n  mutators:\n    - image: example.com/no/such-function:v1\n'),
      /error rendering package in kpt function pipeline\. Package NOT pushed to remote.*example\.com\/no\/such-function:v1/s,
    ],
  ])('with a package %s is refused, and changes nothing', async (_what, change, message) => {
    const name = await revisionIn('Draft');
    const before = expectStatus(await packages.resources(name), 200);
    const answer = await packages.replaceResources(name, change);
    expect(expectStatus(answer, 400).message).toMatch(message);
    expect(expectStatus(await packages.resources(name), 200)).toEqual(before);
  });

  it('with a stale or missing resourceVersion is refused', async () => {
    const name = await revisionIn('Draft');
    const path = `${revisionsPath.replace('packagerevisions', 'packagerevisionresources')}/${name}`;
    const old = expectStatus(await packages.resources(name), 200);
    expectStatus(
      await packages.replaceResources(name, (files) => {
        files['new.txt'] = 'x';
      }),
      200,
    );
    old.spec.resources['other.txt'] = 'y';
    const text = 'the object has been modified; please apply your changes to the latest version and try again';
    expectRefusal(await world.porch.http('PUT', path, old), 409, 'Conflict', text);
    delete old.metadata.resourceVersion;
    expectRefusal(
      await world.porch.http('PUT', path, old),
      400,
      'Invalid',
      'resourceVersion must be specified for an update',
    );
  });
});

describe('updating', () => {
  it('with a stale or missing resourceVersion is refused', async () => {
    const name = await revisionIn('Draft');
    const old = expectStatus(await packages.get(name), 200);
    expectStatus(await packages.put({ ...old, metadata: { ...old.metadata, labels: { a: 'b' } } }), 200);
    expectRefusal(await packages.put(old), 409, 'Conflict', 'the object has been modified');
    delete old.metadata.resourceVersion;
    expectRefusal(await packages.put(old), 400, 'Invalid', 'resourceVersion must be specified for an update');
  });

  it.each<[string, string, (object: Json) => void, string, RegExp]>([
    ['Draft', 'its package', (o) => (o.spec.packageName = 'x'), 'spec.packageName', /immutable/],
    ['Draft', 'its workspace', (o) => (o.spec.workspaceName = 'x'), 'spec.workspaceName', /immutable/],
    ['Draft', 'its repository', (o) => (o.spec.repository = 'x'), 'spec.repository', /immutable/],
    ['Draft', 'its task', (o) => (o.spec.tasks[0].init.description = 'x'), 'spec.tasks', /cannot be changed/],
    ['Draft', 'a second task', (o) => o.spec.tasks.push({ type: 'init', init: {} }), 'spec.tasks', /cannot be added/],
    ['Draft', 'no task', (o) => (o.spec.tasks = []), 'spec.tasks', /cannot be removed/],
    [
      'Proposed',
      'its gates',
      (o) => (o.spec.readinessGates = [{ conditionType: 'a.b/c' }]),
      'spec.readinessGates',
      /can only be changed while/,
    ],
    [
      'Published',
      'its gates',
      (o) => (o.spec.readinessGates = [{ conditionType: 'a.b/c' }]),
      'spec',
      /spec can only update package with lifecycle value one of Draft,Proposed/,
    ],
    [
      'Published',
      'the latest label',
      (o) => (o.metadata.labels['kpt.dev/latest-revision'] = 'false'),
      'metadata.labels.kpt.dev/latest-revision',
      /managed by porch/,
    ],
  ])('a %s revision with %s is refused', async (lifecycle, _what, change, field, message) => {
    const name = await revisionIn(lifecycle);
    const object = expectStatus(await packages.get(name), 200);
    change(object);
    const status = expectRefusal(await packages.put(object), 400, 'Invalid', message);
    expect(status.details.causes.map((cause: Json) => cause.field)).toContain(field);
  });
});

describe('creating', () => {
  it.each<[string, Json, number, string, RegExp]>([
    [
      'in a repository that is not there',
      { repository: 'nope' },
      404,
      'NotFound',
      /repositories\.config\.porch\.kpt\.dev "nope" not found/,
    ],
    ['as Published', { spec: { lifecycle: 'Published' } }, 400, 'Invalid', /spec\.lifecycle/],
    ['without a package', { packageName: '' }, 400, 'Invalid', /spec\.packageName: Required value/],
    ['with a bad workspace', { workspaceName: 'V_1' }, 400, 'Invalid', /spec\.workspaceName/],
    [
      'with two tasks',
      {
        spec: {
          tasks: [
            { type: 'init', init: {} },
            { type: 'init', init: {} },
          ],
        },
      },
      400,
      'Invalid',
      /spec\.tasks: Too many: /,
    ],
    [
      'with the latest label',
      { metadata: { labels: { 'kpt.dev/latest-revision': 'true' } } },
      400,
      'Invalid',
      /label is managed by porch and cannot be set by users/,
    ],
    [
      'as a copy of what is not there',
      { task: { type: 'edit', edit: { sourceRef: { name: 'repo.nope.v1' } } } },
      400,
      'Invalid',
      /no such package revision/,
    ],
    ['as an edit without a source', { task: { type: 'edit', edit: {} } }, 400, 'Invalid', /sourceRef/],
  ])('%s is refused', async (_what, more, code, reason, message) => {
    expectRefusal(await packages.create({ ...wanted('refused'), ...more }), code, reason, message);
  });

  it('a workspace twice, and a package twice, is refused', async () => {
    const packageName = `p${++count}`;
    expectStatus(await packages.create(wanted(packageName)), 201);
    expectRefusal(
      await packages.create(wanted(packageName)),
      409,
      'AlreadyExists',
      'package revision workspaceNames must be unique',
    );
    expectRefusal(await packages.create(wanted(packageName, 'v2')), 409, 'AlreadyExists', 'already exists in repo');
  });

  it('packages in one another is refused, wherever the other one is', async () => {
    expectStatus(await packages.create(wanted('outer/inner')), 201);
    expectRefusal(await packages.create(wanted('outer')), 400, 'BadRequest', 'packages cannot be nested');
    expectRefusal(await packages.create(wanted('outer/inner/most')), 400, 'BadRequest', 'packages cannot be nested');
    expectStatus(await packages.create(wanted('outer/innermost')), 201);
  });

  it('a copy of a draft, of another package, or of the branch is refused', async () => {
    const edit = (name: string, packageName: string) =>
      packages.create({ ...wanted(packageName, 'copy'), task: { type: 'edit', edit: { sourceRef: { name } } } });
    const draft = await revisionIn('Draft');
    expectRefusal(await edit(draft, `p${count}`), 400, 'Invalid', 'source revision must be published');
    const published = await revisionIn('Published');
    expectRefusal(await edit(published, 'other'), 400, 'Invalid', 'source revision must be from same package');
    expectRefusal(await edit(`repo.p${count}.main`, `p${count}`), 400, 'Invalid', 'placeholder package revision');
  });

  it('with another name is done under the composed one, with a warning', async () => {
    const answer = await packages.create({ ...wanted('named'), metadata: { name: 'mine' } });
    expect(expectStatus(answer, 201).metadata.name).toBe('repo.named.v1');
    expect(answer.headers.warning).toContain('repo.named.v1');
    expectRefusal(
      await packages.create({ ...wanted('named-2'), metadata: { name: 'Not_A_Name' } }),
      400,
      'Invalid',
      'metadata.name',
    );
  });

  it('with dryRun answers as if, and leaves nothing', async () => {
    const answer = await world.porch.http('POST', `${revisionsPath}?dryRun=All`, {
      apiVersion: 'porch.kpt.dev/v1alpha1',
      kind: 'PackageRevision',
      metadata: { namespace: 'default' },
      spec: wanted('dry'),
    });
    expect(expectStatus(answer, 201).metadata.name).toBe('repo.dry.v1');
    expectStatus(await packages.get('repo.dry.v1'), 404);
  });
});

describe('packages', () => {
  it('cannot be written', async () => {
    const path = revisionsPath.replace('packagerevisions', 'packages');
    const body = { apiVersion: 'porch.kpt.dev/v1alpha1', kind: 'PorchPackage', metadata: { name: 'a' }, spec: {} };
    expectRefusal(await world.porch.http('POST', path, body), 405, 'MethodNotAllowed', /PackageRevision/i);
    expectRefusal(await world.porch.http('DELETE', `${path}/a`), 405, 'MethodNotAllowed', /PackageRevision/i);
  });
});
