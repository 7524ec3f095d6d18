import { describe, expect, test } from 'vitest';
import type { PackageRevision, Task } from '../../resources/package-revision.ts';
import { spellOutRemovals } from './carry-over.ts';
import { create, revision, update } from './strategy.test-support.ts';

const cloneTo = (subpackageDir: string): Task => ({
  type: 'clone',
  clone: { upstreamRef: { upstreamRef: { name: 'up' } }, subpackageDir },
});

const upgradeOf = (subpackageDir: string, local: string): Task => ({
  type: 'upgrade',
  upgrade: {
    oldUpstreamRef: { name: 'a' },
    newUpstreamRef: { name: 'b' },
    localPackageRevisionRef: { name: local },
    subpackageDir,
  },
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

  test('a parent, which is deprecated, stays as well where a client leaves it out', () => {
    const old = structuredClone(draft) as PackageRevision;
    old.spec.parent = { name: 'blueprints.a.pkg.v0' };
    const { object, errors } = update(old, (o) => {
      delete o.spec.parent;
    });
    expect([object.spec.parent, errors]).toEqual([old.spec.parent, []]);
    const changed = update(old, (o) => Object.assign(o.spec, { parent: { name: 'other' } }));
    expect(changed.errors).toEqual([expect.stringContaining('spec.parent: Invalid value')]);
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

  test.each([undefined, '', '0'])('a resourceVersion of %j, which means any, is refused', (version) => {
    const errors = update(draft, (o) => {
      if (version === undefined) delete o.metadata.resourceVersion;
      else o.metadata.resourceVersion = version;
    }).errors;
    const shown = JSON.stringify(version ?? '');
    expect(errors).toEqual([
      `metadata.resourceVersion: Invalid value: ${shown}: resourceVersion must be specified for an update`,
    ]);
  });

  test.each([
    ['Draft', 'Draft', ''],
    ['Draft', 'Proposed', ''],
    [
      'Draft',
      'Published',
      'spec.lifecycle: Invalid value: "Draft": value can be only updated to Draft,Proposed; a proposal is published through its subresource approval',
    ],
    [
      'Draft',
      'DeletionProposed',
      'spec.lifecycle: Invalid value: "Draft": value can be only updated to Draft,Proposed',
    ],
    ['Proposed', 'Draft', ''],
    ['Proposed', 'Proposed', ''],
    [
      'Proposed',
      'Published',
      'spec.lifecycle: Invalid value: "Proposed": value can be only updated to Draft,Proposed; a proposal is published through its subresource approval',
    ],
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
      'spec.tasks: Forbidden: tasks cannot be added to a package revision, but for one',
    ],
    [
      'adding a task for the whole package',
      (o) => o.spec.tasks?.push({ type: 'clone', clone: { upstreamRef: { upstreamRef: { name: 'up' } } } }),
      'spec.tasks: Forbidden: tasks cannot be added to a package revision, but for one',
    ],
    [
      'adding two tasks',
      (o) => o.spec.tasks?.push(cloneTo('a'), cloneTo('b')),
      'spec.tasks: Forbidden: tasks cannot be added to a package revision, but for one',
    ],
    [
      'adding a task for a subpackage before the one that is there',
      (o) => o.spec.tasks?.unshift(cloneTo('a')),
      'spec.tasks: Forbidden: the task that created a package revision cannot be changed',
    ],
    [
      'a subpackage without a source',
      (o) => o.spec.tasks?.push({ type: 'clone', clone: { subpackageDir: 'a' } }),
      'spec.tasks[1].clone.upstreamRef: Required value',
    ],
    [
      'a subpackage that is upgraded from another revision',
      (o) => o.spec.tasks?.push(upgradeOf('a', 'blueprints.a.pkg.v0')),
      'spec.tasks[1].upgrade.localPackageRevisionRef.name: Invalid value: "blueprints.a.pkg.v0": must be "blueprints.a.pkg.v1"',
    ],
  ])('of a draft, %s is refused', (_what, change, message) => {
    expect(update(draft, change).errors).toEqual([expect.stringContaining(message)]);
  });

  test('a task for a subpackage may be added to a draft, and only to a draft', () => {
    for (const task of [cloneTo('level1/level-2'), upgradeOf('a', 'blueprints.a.pkg.v1')]) {
      const change = (o: PackageRevision) => o.spec.tasks?.push(task);
      expect(update(draft, change).errors).toEqual([]);
      for (const lifecycle of ['Proposed', 'Published', 'DeletionProposed']) {
        expect(update(at(lifecycle), change).errors).toEqual([
          `spec.tasks[1]: Forbidden: only the subpackages of a Draft can be changed; its lifecycle is ${lifecycle}`,
        ]);
      }
    }
  });

  test.each(['/a', 'a/', 'a//b', '.', '..', 'a/../b', './a', 'a.b', 'A', 'a_b', 'a b', '-a', 'a'.repeat(254)])(
    'a subpackage cannot be in %j',
    (directory) => {
      expect(update(draft, (o) => o.spec.tasks?.push(cloneTo(directory))).errors).toEqual([
        expect.stringContaining('spec.tasks[1].clone.subpackageDir: Invalid value'),
      ]);
    },
  );

  test('what clients look for stands in the error about the directory of a subpackage', () => {
    expect(update(draft, (o) => o.spec.tasks?.push(cloneTo('a/b/'))).errors).toEqual([
      expect.stringContaining(
        ': subpackageDir is invalid: subpackage directory "a/b/" is invalid: it must be relative',
      ),
    ]);
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

  test.each(['labels', 'annotations'] as const)('%s of the package may be empty texts, which come and go', (field) => {
    const withFlag = { ...draft.spec.packageMetadata, [field]: { ...draft.spec.packageMetadata?.[field], flag: '' } };
    const { object, errors } = update(draft, (o) => Object.assign(o.spec, { packageMetadata: withFlag }));
    expect([object.spec.packageMetadata, errors]).toEqual([withFlag, []]);
    const without = update(object, (o) => Object.assign(o.spec, { packageMetadata: draft.spec.packageMetadata }));
    expect(without.object.spec.packageMetadata).toEqual(draft.spec.packageMetadata);
    expect(update(at('Published'), (o) => Object.assign(o.spec, { packageMetadata: withFlag })).errors).toHaveLength(1);
  });

  test('package metadata that is left out stays, and what an apply has taken away goes', () => {
    const leftOut = update(draft, (o) => void delete o.spec.packageMetadata);
    expect(leftOut.object.spec.packageMetadata).toEqual(draft.spec.packageMetadata);
    const takenAway = update(draft, (o) => {
      delete o.spec.packageMetadata;
      spellOutRemovals(o, draft);
    });
    expect(takenAway.object.spec.packageMetadata).toEqual({});
  });

  test('what Git has stays acceptable as long as it does not change', () => {
    const old = structuredClone(draft) as PackageRevision;
    old.spec.packageMetadata = { labels: { 'not a label': 'x' } };
    old.spec.packageName = 'a/b'.repeat(30);
    expect(update(old, (o) => Object.assign(o.metadata, { labels: { a: 'b' } })).errors).toEqual([]);
  });
});
