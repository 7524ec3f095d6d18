import { describe, expect, test } from 'vitest';
import type { PackageRevisionSpec } from '../../resources/package-revision.ts';
import { create, revision } from './strategy.test-support.ts';

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
    [
      'a subpackage',
      { tasks: [{ type: 'clone', clone: { upstreamRef: { upstreamRef: { name: 'up' } }, subpackageDir: 'a' } }] },
      'spec.tasks[0].clone.subpackageDir: Forbidden: a package revision is created by a task for all of it',
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
