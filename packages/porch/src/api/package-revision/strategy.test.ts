import { fieldErrorMessage } from '@porch/apiserver';
import { describe, expect, test } from 'vitest';
import type { PackageRevision, PackageRevisionSpec } from '../../resources/package-revision.ts';
import { requestContext } from '../request-context.test-support.ts';
import { packageRevisionStrategy } from './strategy.ts';

const strategy = packageRevisionStrategy({ clock: () => new Date('2026-01-02T03:04:05.678Z'), allowLocal: false });

function revision(spec: PackageRevisionSpec, metadata: PackageRevision['metadata'] = {}): PackageRevision {
  return {
    apiVersion: 'porch.kpt.dev/v1alpha1',
    kind: 'PackageRevision',
    metadata: { namespace: 'default', ...metadata },
    spec: { repository: 'blueprints', packageName: 'a/pkg', workspaceName: 'v1', ...spec },
    status: {},
  };
}

function create(object: PackageRevision) {
  const context = requestContext();
  strategy.prepareForCreate?.(context, object);
  const errors = (strategy.validate?.(context, object) ?? []).map(fieldErrorMessage);
  if (errors.length === 0) strategy.canonicalize?.(object);
  return { object, errors, warnings: context.warnings };
}

function update(old: PackageRevision, change: (object: PackageRevision) => void) {
  const context = requestContext();
  const object = structuredClone(old);
  object.metadata.resourceVersion ??= '7';
  change(object);
  const before = structuredClone(old);
  strategy.prepareForUpdate?.(context, object, old);
  const errors = (strategy.validateUpdate?.(context, object, old) ?? []).map(fieldErrorMessage);
  strategy.canonicalize?.(object);
  expect(old).toEqual(before);
  return { object, errors };
}

describe('creating', () => {
  test('fills in name, lifecycle, task, time and status', () => {
    const { object, errors } = create({ ...revision({}), status: { publishedBy: 'mallory' } });
    expect(errors).toEqual([]);
    expect(object.metadata).toMatchObject({
      name: 'blueprints.a.pkg.v1',
      creationTimestamp: '2026-01-02T03:04:05Z',
    });
    expect(object.spec.lifecycle).toBe('Draft');
    expect(object.spec.tasks).toEqual([{ type: 'init', init: { description: 'a/pkg description' } }]);
    expect(object.status).toEqual({ upstreamLock: {}, selfLock: {} });
  });

  test('trims slashes around the package and drops what is empty', () => {
    const { object } = create(
      revision({ packageName: '/a/pkg/', readinessGates: [], packageMetadata: { labels: {} } }, { labels: {} }),
    );
    expect(object.spec.packageName).toBe('a/pkg');
    expect(object.spec).not.toHaveProperty('readinessGates');
    expect(object.spec.packageMetadata).toEqual({});
    expect(object.metadata).not.toHaveProperty('labels');
  });

  test('numbers nothing that a client numbers', () => {
    const { object, warnings } = create(revision({ revision: 3 }));
    expect(object.spec).not.toHaveProperty('revision');
    expect(warnings).toEqual([expect.stringContaining('spec.revision is not used')]);
  });

  test('says that a parent has no effect', () => {
    const { object, warnings } = create(revision({ parent: { name: 'blueprints.other.v1' } }));
    expect(object.spec.parent).toEqual({ name: 'blueprints.other.v1' });
    expect(warnings).toEqual([expect.stringContaining('spec.parent is deprecated')]);
  });

  test.each([
    ['absent', {}, []],
    ['generated', { generateName: 'x-' }, []],
    ['the composed one', { name: 'blueprints.a.pkg.v1' }, []],
    ['another', { name: 'mine' }, [expect.stringContaining('"blueprints.a.pkg.v1"')]],
  ])('a name that is %s gives the composed one', (_what, metadata, warned) => {
    const { object, errors, warnings } = create(revision({}, metadata));
    expect(errors).toEqual([]);
    expect(object.metadata.name).toBe('blueprints.a.pkg.v1');
    expect(object.metadata.generateName).toBeUndefined();
    expect(warnings).toEqual(warned);
  });

  test('a name that is none is refused', () => {
    expect(create(revision({}, { name: 'No_Name' })).errors).toEqual([
      expect.stringMatching(
        /^metadata\.name: Invalid value: "No_Name": invalid format: a lowercase RFC 1123 subdomain/,
      ),
    ]);
  });

  test('a name that would come of wrong fields is not mentioned: they are', () => {
    const { object, errors, warnings } = create(revision({ packageName: 'a//b' }, { name: 'mine' }));
    expect(errors).toEqual([expect.stringContaining('spec.packageName: Invalid value: "a//b"')]);
    expect(object.metadata.name).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  test('another name is refused to an apply, which would not find the object again', () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    expect(create(revision({}, { name: 'mine', annotations })).errors).toEqual([
      expect.stringMatching(/^metadata\.name: Invalid value: "mine": .* name it "blueprints\.a\.pkg\.v1"$/),
    ]);
  });

  test.each<[string, PackageRevisionSpec, string]>([
    ['no repository', { repository: '' }, 'spec.repository: Required value'],
    ['no package', { packageName: '' }, 'spec.packageName: Required value'],
    ['only slashes', { packageName: '//' }, 'spec.packageName: Required value'],
    ['no workspace', { workspaceName: '' }, 'spec.workspaceName: Required value'],
    [
      'a workspace with a dot',
      { workspaceName: 'v1.2' },
      'spec.workspaceName: Invalid value: "v1.2": a lowercase RFC 1123',
    ],
    ['an empty segment', { packageName: 'a//b' }, 'spec.packageName: Invalid value: "a//b": the path of a package'],
    ['a parent path', { packageName: 'a/../b' }, 'spec.packageName: Invalid value: "a/../b": "..": a lowercase'],
    ['upper case', { packageName: 'Pkg' }, 'spec.packageName: Invalid value: "Pkg": a lowercase RFC 1123'],
    ['a long path', { packageName: `${'a'.repeat(40)}/${'b'.repeat(40)}` }, 'spec.packageName: Invalid value'],
    [
      'Published',
      { lifecycle: 'Published' },
      'spec.lifecycle: Invalid value: "Published": cannot create Published package',
    ],
    [
      'DeletionProposed',
      { lifecycle: 'DeletionProposed' },
      'spec.lifecycle: Invalid value: "DeletionProposed": cannot create',
    ],
    [
      'an unknown lifecycle',
      { lifecycle: 'Foo' },
      'spec.lifecycle: Invalid value: "Foo": value can be only created as',
    ],
    [
      'two tasks',
      {
        tasks: [
          { type: 'init', init: {} },
          { type: 'init', init: {} },
        ],
      },
      'spec.tasks: Too many: maximum one task allowed',
    ],
    [
      'an unknown task',
      { tasks: [{ type: 'eval' }] },
      'spec.tasks[0].type: Unsupported value: "eval": supported values: "init"',
    ],
    ['a task without its section', { tasks: [{ type: 'clone' }] }, 'spec.tasks[0].clone: Required value'],
    [
      'a section of another task',
      { tasks: [{ type: 'init', init: {}, edit: {} }] },
      'spec.tasks[0].edit: Forbidden: a task of type "init"',
    ],
    [
      'a subpackage',
      { tasks: [{ type: 'init', init: { subpackage: 'x' } }] },
      'spec.tasks[0].init.subpackage: Invalid',
    ],
    ['nothing to clone', { tasks: [{ type: 'clone', clone: {} }] }, 'spec.tasks[0].clone.upstreamRef: Required value'],
    [
      'an OCI package',
      { tasks: [{ type: 'clone', clone: { upstreamRef: { oci: { image: 'x' } } } }] },
      'spec.tasks[0].clone.upstreamRef.oci: Invalid value: "x": packages in OCI images are not supported',
    ],
    [
      'a clone of a nameless revision',
      { tasks: [{ type: 'clone', clone: { upstreamRef: { upstreamRef: { name: '' } } } }] },
      'spec.tasks[0].clone.upstreamRef.upstreamRef.name: Required value',
    ],
    [
      'an edit of nothing',
      { tasks: [{ type: 'edit', edit: {} }] },
      'spec.tasks[0].edit.sourceRef.name: Required value',
    ],
    [
      'an unknown strategy',
      {
        tasks: [
          {
            type: 'upgrade',
            upgrade: {
              oldUpstreamRef: { name: 'a' },
              newUpstreamRef: { name: 'b' },
              localPackageRevisionRef: { name: 'c' },
              strategy: 'best',
            },
          },
        ],
      },
      'spec.tasks[0].upgrade.strategy: Unsupported value: "best"',
    ],
    [
      'a gate without type',
      { readinessGates: [{ conditionType: '' }] },
      'spec.readinessGates[0].conditionType: Required value',
    ],
    [
      'a label of the Kptfile that is none',
      { packageMetadata: { labels: { 'a b': 'x' } } },
      'spec.packageMetadata.labels: Invalid value: "a b"',
    ],
  ])('%s is refused', (_what, spec, message) => {
    expect(create(revision(spec)).errors).toEqual([expect.stringContaining(message)]);
  });

  test('the label of the latest revision is refused', () => {
    expect(create(revision({}, { labels: { 'kpt.dev/latest-revision': 'true' } })).errors).toEqual([
      'metadata.labels.kpt.dev/latest-revision: Forbidden: label is managed by porch and cannot be set by users',
    ]);
  });

  test.each([
    ['https://user:s3cret@git.example/x.git', 'must not contain user information'],
    ['ftp://git.example/x', 'has the scheme "ftp", which is not supported'],
    ['ssh://git:s3cret@git.example/x', 'must not contain a password'],
    ['ssh://git.example/x', 'names no user'],
    ['git.example/x', 'is neither a URL nor an ssh address'],
    ['file:///srv/git', 'local repositories are not allowed'],
    ['/srv/git', 'local repositories are not allowed'],
    ['https://user:s3cret@[bad', 'is neither a URL nor an ssh address'],
  ])('a clone of %s is refused without showing secrets', (repo, message) => {
    const git = { repo, ref: 'main', directory: '/x' };
    const { errors } = create(revision({ tasks: [{ type: 'clone', clone: { upstreamRef: { git } } }] }));
    expect(errors).toEqual([expect.stringContaining(message)]);
    expect(errors.join()).not.toContain('s3cret');
  });

  test('a clone of an http URL, of a package revision, and a proposal are accepted', () => {
    const git = { repo: 'https://git.example/x.git', ref: 'main', directory: '/basens', secretRef: { name: 's' } };
    for (const source of [git, { ...git, secretRef: { name: '' } }]) {
      const tasks = [{ type: 'clone', clone: { upstreamRef: { git: source } } }];
      expect(create(revision({ tasks })).errors).toEqual([]);
    }
    const upstreamRef = { upstreamRef: { name: 'blueprints.x.v1' } };
    expect(create(revision({ tasks: [{ type: 'clone', clone: { upstreamRef } }] })).errors).toEqual([]);
    expect(create(revision({ lifecycle: 'Proposed' })).errors).toEqual([]);
  });
});

describe('updating', () => {
  test('an upgrade that is sent again without its strategy is the same task', () => {
    const upgrade = {
      oldUpstreamRef: { name: 'a' },
      newUpstreamRef: { name: 'b' },
      localPackageRevisionRef: { name: 'c' },
    };
    const old = create(revision({ tasks: [{ type: 'upgrade', upgrade: { ...upgrade } }] })).object;
    expect(old.spec.tasks?.[0]?.upgrade?.strategy).toBe('resource-merge');
    const { object, errors } = update(old, (wanted) => {
      wanted.spec.tasks = [{ type: 'upgrade', upgrade }];
    });
    expect([object.spec.tasks, errors]).toEqual([old.spec.tasks, []]);
  });

  const draft = {
    ...revision(
      {
        lifecycle: 'Draft',
        tasks: [{ type: 'init', init: { description: 'd', keywords: [], site: '' } }],
        packageMetadata: { labels: { app: 'x' } },
        readinessGates: [{ conditionType: 'example.com/ok' }],
      },
      { name: 'blueprints.a.pkg.v1', resourceVersion: '7', labels: { team: 'a' } },
    ),
    status: { selfLock: { type: 'git' }, conditions: [{ type: 'Ready', status: 'True' }] },
  } satisfies PackageRevision;
  const at = (lifecycle: string, number = 2): PackageRevision => ({
    ...structuredClone(draft),
    spec: { ...structuredClone(draft.spec), lifecycle, ...(lifecycle === 'Proposed' ? {} : { revision: number }) },
  });

  test("what a client leaves out stays, and the status is the server's", () => {
    const { object, errors } = update(draft, (o) => {
      o.spec = { tasks: [{ type: 'init', init: { description: 'd' } }], readinessGates: o.spec.readinessGates ?? [] };
      o.status = { publishedBy: 'mallory' };
    });
    expect(errors).toEqual([]);
    expect(object).toEqual(draft);
  });

  test('labels are replaced, but for the one of the server', () => {
    const old = at('Published');
    old.metadata.labels = { team: 'a', 'kpt.dev/latest-revision': 'true' };
    const { object, errors } = update(old, (o) => {
      o.metadata.labels = { team: 'b' };
    });
    expect(errors).toEqual([]);
    expect(object.metadata.labels).toEqual({ team: 'b', 'kpt.dev/latest-revision': 'true' });
    expect(
      update(old, (o) => {
        o.metadata.labels = { 'kpt.dev/latest-revision': 'false' };
      }).errors,
    ).toEqual([
      'metadata.labels.kpt.dev/latest-revision: Forbidden: label is managed by porch and cannot be modified by users',
    ]);
    expect(
      update(draft, (o) => {
        o.metadata.labels = { 'kpt.dev/latest-revision': 'true' };
      }).errors,
    ).toHaveLength(1);
  });

  test('a missing resourceVersion is refused', () => {
    expect(
      update(draft, (o) => {
        delete o.metadata.resourceVersion;
      }).errors,
    ).toEqual(['metadata.resourceVersion: Invalid value: "": resourceVersion must be specified for an update']);
  });

  test.each([
    ['Draft', 'Draft', ''],
    ['Draft', 'Proposed', ''],
    ['Draft', 'Published', 'spec.lifecycle: Invalid value: "Draft": value can be only updated to Draft,Proposed'],
    [
      'Draft',
      'DeletionProposed',
      'spec.lifecycle: Invalid value: "Draft": value can be only updated to Draft,Proposed',
    ],
    ['Proposed', 'Draft', ''],
    ['Proposed', 'Proposed', ''],
    ['Proposed', 'Published', 'spec.lifecycle: Invalid value: "Proposed": value can be only updated to Draft,Proposed'],
    ['Published', 'Published', ''],
    ['Published', 'DeletionProposed', ''],
    [
      'Published',
      'Draft',
      'spec.lifecycle: Invalid value: "Published": value can be only updated to Published,DeletionProposed',
    ],
    ['DeletionProposed', 'Published', ''],
    ['DeletionProposed', 'DeletionProposed', ''],
    [
      'DeletionProposed',
      'Proposed',
      'spec.lifecycle: Invalid value: "DeletionProposed": value can be only updated to Published,DeletionProposed',
    ],
    [
      'Draft',
      'Foo',
      'spec.lifecycle: Invalid value: "Foo": value can be only updated to Draft,Proposed,Published,DeletionProposed',
    ],
  ])('from %s to %s', (from, to, message) => {
    const { errors } = update(from === 'Draft' ? draft : at(from), (o) => {
      o.spec.lifecycle = to;
    });
    expect(errors).toEqual(message === '' ? [] : [message]);
  });

  test.each<[string, (o: PackageRevision) => void, string]>([
    [
      'package',
      (o) => Object.assign(o.spec, { packageName: 'b' }),
      'spec.packageName: Invalid value: "b": field is immutable',
    ],
    ['workspace', (o) => Object.assign(o.spec, { workspaceName: 'v2' }), 'spec.workspaceName: Invalid value: "v2"'],
    ['repository', (o) => Object.assign(o.spec, { repository: 'r' }), 'spec.repository: Invalid value: "r"'],
    ['revision', (o) => Object.assign(o.spec, { revision: 4 }), 'spec.revision: Invalid value: 4'],
    ['removing the task', (o) => Object.assign(o.spec, { tasks: [] }), 'spec.tasks: Forbidden: the task that created'],
    [
      'changing the task',
      (o) => Object.assign(o.spec, { tasks: [{ type: 'init', init: { description: 'other' } }] }),
      'spec.tasks: Forbidden: the task that created a package revision cannot be changed',
    ],
    [
      'adding a task',
      (o) => o.spec.tasks?.push({ type: 'init', init: {} }),
      'spec.tasks: Forbidden: tasks cannot be added',
    ],
  ])('of a draft, %s is refused', (_what, change, message) => {
    expect(update(draft, change).errors).toEqual([expect.stringContaining(message)]);
  });

  test("the Kptfile's fields change on drafts only", () => {
    const change = (o: PackageRevision) => {
      o.spec.packageMetadata = { annotations: { a: 'b' } };
      delete o.spec.readinessGates;
    };
    const { object, errors } = update(draft, change);
    expect(errors).toEqual([]);
    expect(object.spec.packageMetadata).toEqual({ annotations: { a: 'b' } });
    expect(object.spec).not.toHaveProperty('readinessGates');
    expect(update(at('Proposed'), change).errors).toEqual([
      expect.stringContaining('spec.readinessGates: Forbidden: can only be changed while'),
      expect.stringContaining('spec.packageMetadata: Forbidden: can only be changed while'),
    ]);
    expect(update(at('Published'), change).errors).toEqual([
      expect.stringMatching(
        /^spec: Invalid value: .*: spec can only update package with lifecycle value one of Draft,Proposed$/,
      ),
    ]);
  });

  test('what Git has stays acceptable as long as it does not change', () => {
    const old = structuredClone(draft) as PackageRevision;
    old.spec.packageMetadata = { labels: { 'not a label': 'x' } };
    old.spec.packageName = 'a/b'.repeat(30);
    expect(update(old, (o) => Object.assign(o.metadata, { labels: { a: 'b' } })).errors).toEqual([]);
  });
});
