import { ageCell, fieldErrorMessage } from '@porch/apiserver';
import { describe, expect, test } from 'vitest';
import type { Repository, RepositorySpec } from '../../resources/repository.ts';
import { requestContext } from '../request-context.test-support.ts';
import { repositoryStatusStrategy, repositoryStrategy } from './strategy.ts';
import { repositoryTable } from './table.ts';

const strategy = repositoryStrategy({ allowLocal: false });
const context = requestContext();

type Git = NonNullable<RepositorySpec['git']>;

function repository(git: Partial<Git> = {}, spec: Partial<RepositorySpec> = {}, name = 'blueprints'): Repository {
  return {
    apiVersion: 'config.porch.kpt.dev/v1alpha1',
    kind: 'Repository',
    metadata: { name, namespace: 'default', resourceVersion: '7' },
    spec: {
      type: 'git',
      content: 'Package',
      git: { repo: 'https://git.example/a.git', branch: 'main', ...git },
      ...spec,
    },
  };
}

const create = (object: Repository) => (strategy.validate?.(context, object) ?? []).map(fieldErrorMessage);

function update(object: Repository, old: Repository) {
  strategy.prepareForUpdate?.(context, object, old);
  return (strategy.validateUpdate?.(context, object, old) ?? []).map(fieldErrorMessage);
}

describe('registering', () => {
  test("begins with a status that says that nobody has looked, and with the controller's finalizer beside those of others", () => {
    const object = { ...repository(), status: { packageCount: 3 } };
    object.metadata.finalizers = ['example.com/hold'];
    strategy.prepareForCreate?.(context, object);
    strategy.prepareForCreate?.(context, object);
    expect(object.status).toEqual({ observedGeneration: 0 });
    expect(object.metadata.finalizers).toEqual(['example.com/hold', 'config.porch.kpt.dev/repository']);
  });

  test.each<[string, Repository]>([
    ['a plain repository', repository()],
    ['a directory', repository({ directory: '/random/repo/folder/' })],
    ['the root', repository({ directory: '/' })],
    ['a branch with a slash', repository({ branch: 'release/1.0' })],
    ['a schedule', repository({}, { sync: { schedule: '*/5 * * * *', runOnceAt: '2026-01-02T03:04:05Z' } })],
    ['an empty secret name', repository({ secretRef: { name: '' } })],
    ['an OCI registry', repository({}, { type: 'oci', git: undefined, oci: { registry: 'example.com/x' } })],
  ])('accepts %s', (_what, object) => {
    expect(create(object)).toEqual([]);
  });

  test.each<[string, Repository, string]>([
    ['a dotted name', repository({}, {}, 'a.b'), 'metadata.name must conform to the RFC1123 DNS label standard'],
    ['a long name', repository({}, {}, 'a'.repeat(64)), 'metadata.name must be no more than 63 characters'],
    ['no type', repository({}, { type: '' }), 'spec.type: Required value'],
    [
      'another type',
      repository({}, { type: 'svn' }),
      'spec.type: Unsupported value: "svn": supported values: "git", "oci"',
    ],
    ['no git', repository({}, { git: undefined }), 'spec.git: Required value'],
    ['both', repository({}, { oci: { registry: 'x' } }), 'spec.oci: Forbidden: must not be set for type git'],
    ['other content', repository({}, { content: 'Function' }), 'spec.content: Unsupported value: "Function"'],
    ['no URL', repository({ repo: '' }), 'spec.git.repo: Required value'],
    ['a password', repository({ repo: 'https://u:s3cret@x/y' }), 'spec.git.repo: Invalid value: "https://***@x/y"'],
    ['a local path', repository({ repo: '/srv/x' }), 'local repositories are not allowed'],
    ['a climbing directory', repository({ directory: 'a/../../b' }), 'spec.git.directory: Invalid value'],
    ['the .git directory', repository({ directory: '.git/x' }), 'spec.git.directory: Invalid value'],
    ['a branch that is an option', repository({ branch: '--x' }), 'spec.git.branch: Invalid value'],
    ['a branch of the server', repository({ branch: 'drafts/x' }), 'belong to the server'],
    ['an author with brackets', repository({ author: 'a <b>' }), 'spec.git.author: Invalid value'],
    ['an odd secret name', repository({ secretRef: { name: 'A B' } }), 'spec.git.secretRef.name: Invalid value'],
    ['a bad schedule', repository({}, { sync: { schedule: 'soon' } }), 'spec.sync.schedule: Invalid value: "soon"'],
    ['a bad time', repository({}, { sync: { runOnceAt: 'tomorrow' } }), 'spec.sync.runOnceAt: Invalid value'],
  ])('refuses %s', (_what, object, message) => {
    const errors = create(object);
    expect(errors).toEqual([expect.stringContaining(message)]);
    expect(errors.join()).not.toContain('s3cret');
  });

  test.each([
    ['team-a-', []],
    ['team-', []],
    ['a'.repeat(80), []],
    ['team.a-', [expect.stringContaining('metadata.generateName: Invalid value: "team.a-"')]],
  ])('looks at the names that are made of %s', (generateName, errors) => {
    const object = repository({}, {}, '');
    object.metadata.generateName = generateName;
    expect(create(object)).toEqual(errors);
  });

  test('drops the status of a client, and warns of what will not work', () => {
    const object = { ...repository({ branch: 'Release_1' }), status: { packageCount: 3 } };
    strategy.prepareForCreate?.(context, object);
    expect(object.status).toEqual({ observedGeneration: 0 });
    expect(strategy.warnings?.(context, object, undefined)).toEqual([expect.stringContaining('will not be listed')]);
    expect(strategy.warnings?.(context, repository({ branch: 'v1.2' }), undefined)).toEqual([]);
    expect(strategy.warnings?.(context, repository({ branch: 'v12' }), undefined)).toEqual([
      expect.stringMatching(/named like a revision: .* delete revision 12$/),
    ]);
  });

  test.each([
    ['/catalog/', 0],
    ['ünï/-q"', 0],
    ['my packages', 1],
    ['.hidden', 1],
    ['a.lock/b', 1],
    ['a..b', 1],
  ])('a directory %j gets as many warnings as parts that no reference can have: %i', (directory, count) => {
    const warnings = strategy.warnings?.(context, repository({ directory }), undefined) ?? [];
    expect(warnings).toHaveLength(count);
    if (count > 0) expect(warnings[0]).toContain('packages in it can be read, but not drafted or published');
  });
});

describe('updating', () => {
  test.each<[string, Repository, string]>([
    ['spec.git.repo', repository({ repo: 'https://git.example/b.git' }), '"https://git.example/b.git"'],
    ['spec.git.branch', repository({ branch: 'other' }), '"other"'],
    ['spec.git.directory', repository({ directory: '/x' }), '"/x"'],
    ['spec.type', repository({}, { type: 'oci', git: repository().spec.git, oci: { registry: 'r' } }), '"oci"'],
  ])('%s is immutable', (field, object, value) => {
    expect(update(object, repository())).toContain(`${field}: Invalid value: ${value}: ${field} is immutable`);
  });

  test('the rest may change, and the status stays', () => {
    const old = { ...repository({ directory: '/x/' }), status: { packageCount: 3 } };
    const object = repository({ directory: 'x', createBranch: true }, { description: 'new', deployment: true });
    expect(update(object, old)).toEqual([]);
    expect(object.status).toEqual({ packageCount: 3 });
  });

  test('what was accepted once does not keep an object from changing', () => {
    const local = repository({ repo: '/srv/x' });
    expect(
      update({ ...repository({ repo: '/srv/x' }), metadata: { ...local.metadata, finalizers: [] } }, local),
    ).toEqual([]);
    expect(update(repository({ repo: '/srv/x', author: '<' }), local)).toHaveLength(1);
  });

  test.each([undefined, '0'])('is refused where it is based on no version (%j)', (version) => {
    const object = { ...repository(), status: {} };
    if (version === undefined) delete object.metadata.resourceVersion;
    else object.metadata.resourceVersion = version;
    const message = expect.stringContaining('resourceVersion must be specified for an update');
    expect(update(structuredClone(object), repository())).toEqual([message]);
    repositoryStatusStrategy.prepareForStatusUpdate?.(context, object, repository());
    const errors = repositoryStatusStrategy.validateStatusUpdate?.(context, object, repository()) ?? [];
    expect(errors.map(fieldErrorMessage)).toEqual([message]);
  });

  test('the status changes alone', () => {
    const old = repository();
    const object = { ...repository({ author: 'x' }), status: { packageCount: 3 } };
    object.metadata.labels = { a: 'b' };
    repositoryStatusStrategy.prepareForStatusUpdate?.(context, object, old);
    expect(object).toEqual({ ...old, status: { packageCount: 3 } });
  });

  test('a malformed status is refused, field by field', () => {
    const old = repository();
    const lastTransitionTime = '2026-01-02T03:04:05Z';
    const ready = { type: 'Ready', status: 'True', reason: 'Ready', message: '', lastTransitionTime };
    const refused = (status: Repository['status']) => {
      const object: Repository = { ...old, metadata: { ...old.metadata, resourceVersion: '1' } };
      if (status !== undefined) object.status = status;
      return (repositoryStatusStrategy.validateStatusUpdate?.(context, object, old) ?? []).map(fieldErrorMessage);
    };
    expect(refused(undefined)).toEqual([]);
    expect(refused({ conditions: [ready], packageCount: 0 })).toEqual([]);
    const longest = { ...ready, reason: 'R'.repeat(1024), message: 'x'.repeat(32_768) };
    expect(refused({ conditions: [longest] })).toEqual([]);
    const wrong = [
      { ...ready, status: 'true' },
      { ...ready, reason: 'not one word' },
      { ...ready, type: '', reason: '' },
      { ...ready, type: 'Long', message: 'x'.repeat(32_769) },
    ];
    expect(refused({ conditions: wrong, packageCount: -1, observedGeneration: -1 })).toEqual([
      'status.conditions[0].status: Unsupported value: "true": supported values: "True", "False", "Unknown"',
      'status.conditions[1].type: Duplicate value: "Ready"',
      'status.conditions[2].type: Required value: name the type of the condition',
      'status.conditions[3].message: Too long: may not be more than 32768 bytes',
      'status.conditions[1].reason: Invalid value: "not one word": must be one word of letters and digits, such as NotReady',
      'status.conditions[2].reason: Required value: say the reason in one word',
      'status.packageCount: Invalid value: -1: must not be negative',
      'status.observedGeneration: Invalid value: -1: must not be negative',
    ]);
  });
});

test('the table shows where a repository is and whether it is ready', () => {
  expect(repositoryTable.columns.map(({ name }) => name)).toEqual([
    'Name',
    'Type',
    'Content',
    'Sync Schedule',
    'Deployment',
    'Ready',
    'Address',
    'Branch',
    'Age',
    'Reason',
    'Message',
  ]);
  expect(repositoryTable.columns.filter(({ priority }) => priority > 0).map(({ name }) => name)).toEqual([
    'Reason',
    'Message',
  ]);
  const lastTransitionTime = '2026-01-02T03:04:05Z';
  const status = {
    conditions: [
      { type: 'DraftsMirrored', status: 'True', reason: 'x', message: '', lastTransitionTime },
      { type: 'Ready', status: 'False', reason: 'Error', message: 'Unreachable: x', lastTransitionTime },
    ],
  };
  const object = { ...repository({}, { sync: { schedule: '@hourly' } }), status };
  expect(repositoryTable.cells(object)).toEqual([
    'blueprints',
    'git',
    'Package',
    '@hourly',
    false,
    'False',
    'https://git.example/a.git',
    'main',
    ageCell,
    'Error',
    'Unreachable: x',
  ]);
  const waits = {
    type: 'Unregistered',
    status: 'False',
    reason: 'DraftsNotMirrored',
    message: 'y',
    lastTransitionTime,
  };
  const going = { ...object, status: { conditions: [...status.conditions, waits] } };
  expect(repositoryTable.cells(going).slice(-2)).toEqual(['DraftsNotMirrored', 'y']);
});
