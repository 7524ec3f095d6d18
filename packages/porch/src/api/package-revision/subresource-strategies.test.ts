import { fieldErrorMessage } from '@porch/apiserver';
import { describe, expect, test } from 'vitest';
import type { PackageRevision } from '../../resources/package-revision.ts';
import { requestContext } from '../request-context.test-support.ts';
import { approvalStrategy as approvalStrategyFor } from './approval-strategy.ts';
import { statusStrategy } from './status-strategy.ts';

const context = requestContext();
const approvalStrategy = approvalStrategyFor({ enforceReadinessGates: false });

function revision(lifecycle: string): PackageRevision {
  return {
    apiVersion: 'porch.kpt.dev/v1alpha1',
    kind: 'PackageRevision',
    metadata: { name: 'r.p.v1', namespace: 'default', uid: 'u', resourceVersion: '7', labels: { a: 'b' } },
    spec: { repository: 'r', packageName: 'p', workspaceName: 'v1', lifecycle },
    status: { selfLock: { type: 'git' }, conditions: [{ type: 'Ready', status: 'False' }] },
  };
}

describe('approval', () => {
  const draft =
    'spec.lifecycle: Invalid value: "Draft": cannot approve package with Draft lifecycle value; only Proposed packages can be approved';
  const published =
    'spec.lifecycle: Invalid value: "Published": package with Published lifecycle value can only be updated to \'ProposeDeletion\'';
  const deletion =
    'spec.lifecycle: Invalid value: "DeletionProposed": package with DeletionProposed lifecycle value can only be updated to \'Published\'';
  test.each([
    ['Draft', 'Draft', draft],
    ['Draft', 'Proposed', draft],
    ['Draft', 'Published', draft],
    ['Draft', 'DeletionProposed', draft],
    ['Proposed', 'Draft', ''],
    ['Proposed', 'Published', ''],
    [
      'Proposed',
      'Proposed',
      'spec.lifecycle: Invalid value: "Proposed": value for approval can be only one of Draft,Published',
    ],
    [
      'Proposed',
      'DeletionProposed',
      'spec.lifecycle: Invalid value: "DeletionProposed": cannot update lifecycle DeletionProposed; only Published packages require approval for deletion',
    ],
    ['Proposed', 'Foo', 'spec.lifecycle: Invalid value: "Foo": value for approval can be only one of Draft,Published'],
    ['Published', 'DeletionProposed', ''],
    ['Published', 'Published', published],
    ['Published', 'Draft', published],
    ['DeletionProposed', 'Published', ''],
    ['DeletionProposed', 'DeletionProposed', deletion],
    ['DeletionProposed', 'Draft', deletion],
  ])('from %s to %s', (from, to, message) => {
    const old = revision(from);
    const object = revision(to);
    approvalStrategy.prepareForUpdate?.(context, object, old);
    const errors = (approvalStrategy.validateUpdate?.(context, object, old) ?? []).map(fieldErrorMessage);
    expect(errors).toEqual(message === '' ? [] : [message]);
  });

  test('changes nothing but the lifecycle', () => {
    const old = revision('Proposed');
    const object: PackageRevision = {
      ...revision('Published'),
      metadata: { name: 'r.p.v1', namespace: 'default', resourceVersion: '6', labels: { other: 'x' } },
      status: { publishedBy: 'mallory' },
    };
    object.spec.packageName = 'other';
    approvalStrategy.prepareForUpdate?.(context, object, old);
    expect(object.spec).toEqual({ ...old.spec, lifecycle: 'Published' });
    expect(object.status).toEqual(old.status);
    expect(object.metadata).toEqual({ ...old.metadata, resourceVersion: '6' });
  });

  test.each([
    ['labels', (object: PackageRevision) => void (object.metadata.labels = { other: 'x' }), 'metadata.labels'],
    [
      'annotations',
      (object: PackageRevision) => void (object.metadata.annotations = { a: 'b' }),
      'metadata.annotations',
    ],
    ['finalizers', (object: PackageRevision) => void (object.metadata.finalizers = ['a.b/c']), 'metadata.finalizers'],
    ['another package', (object: PackageRevision) => void (object.spec.packageName = 'other'), 'spec.packageName'],
    [
      'metadata of the package',
      (object: PackageRevision) => void (object.spec.packageMetadata = { labels: { a: '' } }),
      'spec.packageMetadata',
    ],
  ])('that says something of %s is told that this stays', (_, change, field) => {
    const told = requestContext();
    const object = revision('Published');
    change(object);
    approvalStrategy.prepareForUpdate?.(told, object, revision('Proposed'));
    expect(told.warnings).toEqual([
      `${field} is not changed: an approval changes spec.lifecycle only; write to the package revision itself`,
    ]);
  });

  test('of what was read is told nothing, nor one that leaves out what there is', () => {
    const told = requestContext();
    const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
    const old = revision('Proposed');
    old.metadata.annotations = { [lastApplied]: '{}', a: 'b' };
    const whole = structuredClone(old);
    whole.spec.lifecycle = 'Published';
    whole.metadata.annotations = { [lastApplied]: '{"spec":{}}', a: 'b' };
    const least: PackageRevision = { ...revision('Published'), spec: { lifecycle: 'Published', revision: 0 } };
    delete least.metadata.labels;
    for (const object of [whole, least]) approvalStrategy.prepareForUpdate?.(told, object, old);
    expect(told.warnings).toEqual([]);
  });
});

test.each([undefined, '0'])('an approval and a status that are based on no version (%j) are refused', (version) => {
  const old = revision('Proposed');
  const object = revision('Published');
  if (version === undefined) delete object.metadata.resourceVersion;
  else object.metadata.resourceVersion = version;
  const status = structuredClone(object);
  approvalStrategy.prepareForUpdate?.(context, object, old);
  statusStrategy.prepareForStatusUpdate?.(context, status, old);
  const message = expect.stringContaining('resourceVersion must be specified for an update');
  expect((approvalStrategy.validateUpdate?.(context, object, old) ?? []).map(fieldErrorMessage)).toEqual([message]);
  expect((statusStrategy.validateStatusUpdate?.(context, status, old) ?? []).map(fieldErrorMessage)).toEqual([message]);
});

describe('readiness gates at approval', () => {
  const gated = (lifecycle: string, status?: string): PackageRevision => {
    const object = revision(lifecycle);
    object.spec.readinessGates = [{ conditionType: 'Ready' }];
    object.status = status === undefined ? {} : { conditions: [{ type: 'Ready', status, message: 'soon' }] };
    return object;
  };
  const outcome = (enforceReadinessGates: boolean, from: PackageRevision, to: string) => {
    const strategy = approvalStrategyFor({ enforceReadinessGates });
    const object = gated(to);
    strategy.prepareForUpdate?.(context, object, from);
    const errors = (strategy.validateUpdate?.(context, object, from) ?? []).map(fieldErrorMessage);
    return { errors, warnings: strategy.warnings?.(context, object, from) };
  };

  test.each([
    ['False', 'Ready (False: soon)'],
    ['Unknown', 'Ready (Unknown: soon)'],
    [undefined, 'Ready (no such condition)'],
  ])('a condition that is %s is warned about, or refused', (status, unmet) => {
    const proposal = gated('Proposed', status);
    expect(outcome(false, proposal, 'Published')).toEqual({
      errors: [],
      warnings: [`published although readiness gates are not met: ${unmet}`],
    });
    expect(outcome(true, proposal, 'Published').errors).toEqual([
      `spec.lifecycle: Forbidden: readiness gates are not met: ${unmet}`,
    ]);
  });

  test('gates that are met, and other moves, pass without a word', () => {
    const passed = { errors: [], warnings: [] };
    expect(outcome(true, gated('Proposed', 'True'), 'Published')).toEqual(passed);
    expect(outcome(true, gated('Proposed', 'False'), 'Draft')).toEqual(passed);
    expect(outcome(true, gated('DeletionProposed', 'False'), 'Published')).toEqual(passed);
    expect(outcome(true, gated('Published', 'False'), 'DeletionProposed')).toEqual(passed);
  });
});

describe('status', () => {
  function update(old: PackageRevision, conditions: NonNullable<PackageRevision['status']['conditions']>) {
    const object = structuredClone(old);
    object.spec.packageName = 'other';
    object.metadata.labels = { other: 'x' };
    object.status = { publishedBy: 'mallory', conditions };
    statusStrategy.prepareForStatusUpdate?.(context, object, old);
    return {
      object,
      errors: () => (statusStrategy.validateStatusUpdate?.(context, object, old) ?? []).map(fieldErrorMessage),
    };
  }

  test('sets the conditions of a draft and nothing else', () => {
    const old = revision('Draft');
    const { object, errors } = update(old, [{ type: 'Ready', status: 'True', reason: 'Checked' }]);
    expect(errors()).toEqual([]);
    expect(object).toEqual({
      ...old,
      status: { ...old.status, conditions: [{ type: 'Ready', status: 'True', reason: 'Checked' }] },
    });
  });

  test('refuses malformed conditions', () => {
    const { errors } = update(revision('Draft'), [
      { type: 'Ready', status: 'yes' },
      { type: 'Ready', status: 'True' },
      { type: '', status: 'True' },
    ]);
    expect(errors()).toEqual([
      'status.conditions[0].status: Unsupported value: "yes": supported values: "True", "False", "Unknown"',
      'status.conditions[1].type: Duplicate value: "Ready"',
      expect.stringContaining('status.conditions[2].type: Required value'),
    ]);
  });

  test('is a conflict on anything but a draft, unless nothing changes', () => {
    const published = revision('Published');
    expect(update(published, [{ type: 'Ready', status: 'False', message: '' }]).errors()).toEqual([]);
    expect(update(published, []).errors).toThrowError(
      expect.objectContaining({ code: 409, message: expect.stringContaining('its lifecycle is Published') }),
    );
  });
});
