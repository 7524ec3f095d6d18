import { decodeValue, fieldErrorMessage } from '@porch/apiserver';
import { expect, test } from 'vitest';
import type { Engine } from '../../engine/types.ts';
import type { PackageRevisionResources } from '../../resources/package-revision-resources.ts';
import { requestContext } from '../request-context.test-support.ts';
import { packageRevisionResourcesDefinition } from './definition.ts';
import { packageRevisionResourcesSelectors } from './selectors.ts';
import { packageRevisionResourcesStrategy as strategy } from './strategy.ts';
import { packageRevisionResourcesTable } from './table.ts';

const old: PackageRevisionResources = {
  apiVersion: 'porch.kpt.dev/v1alpha1',
  kind: 'PackageRevisionResources',
  metadata: { name: 'r.p.v1', namespace: 'default', uid: 'u', resourceVersion: '7' },
  spec: { packageName: 'p', workspaceName: 'v1', repository: 'r', resources: { Kptfile: 'k', 'a.yaml': 'a' } },
};

function update(change: (object: PackageRevisionResources) => void) {
  const object = structuredClone(old);
  change(object);
  const context = requestContext();
  strategy.prepareForUpdate?.(context, object, old);
  const errors = (strategy.validateUpdate?.(context, object, old) ?? []).map(fieldErrorMessage);
  return { object, errors, warnings: context.warnings };
}

test('an update replaces the files and nothing else', () => {
  const { object, errors } = update((o) => {
    o.metadata.labels = { a: 'b' };
    o.spec = { packageName: 'other', resources: { Kptfile: 'new' } };
    o.status = { renderStatus: { error: 'made up' } };
  });
  expect(errors).toEqual([]);
  expect(object).toEqual({ ...old, spec: { ...old.spec, resources: { Kptfile: 'new' } } });
});

test('an update warns of what it says and nothing keeps', () => {
  const { warnings } = update((o) => {
    o.metadata.labels = { a: '' };
    o.metadata.annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', c: 'd' };
    o.spec = { ...o.spec, packageName: 'other', revision: 3 };
    o.status = { renderStatus: { error: 'as clients send it back' } };
  });
  expect(warnings).toEqual([
    'metadata.labels is not kept: set it on the PackageRevision of the same name',
    'metadata.annotations is not kept: set it on the PackageRevision of the same name',
    expect.stringContaining('kubectl apply does not remove files: use kubectl apply --server-side'),
    'spec.packageName cannot be changed: it stays "p"',
    'spec.revision cannot be changed: it stays 0',
  ]);
});

test('an update warns of nothing that it leaves out or sends back', () => {
  const sent = [
    (o: PackageRevisionResources) => void (o.spec = { resources: { Kptfile: 'new' } }),
    (o: PackageRevisionResources) => {
      o.metadata = { ...o.metadata, labels: {}, annotations: {}, finalizers: [] };
      o.spec = { ...o.spec, revision: 0, resources: { Kptfile: 'new' } };
    },
  ];
  for (const change of sent) expect(update(change)).toMatchObject({ errors: [], warnings: [] });
});

test('a package keeps its Kptfile, and an update says what it is based on', () => {
  const { errors } = update((o) => {
    delete o.spec.resources;
    delete o.metadata.resourceVersion;
  });
  expect(errors).toEqual([
    expect.stringContaining('metadata.resourceVersion: Invalid value'),
    expect.stringContaining('spec.resources[Kptfile]: Required value: a package must contain a Kptfile'),
  ]);
});

test('the table counts the files', () => {
  expect(packageRevisionResourcesTable.columns.map(({ name }) => name)).toEqual([
    'Name',
    'Package',
    'WorkspaceName',
    'Revision',
    'Repository',
    'Files',
  ]);
  expect(packageRevisionResourcesTable.cells(old)).toEqual(['r.p.v1', 'p', 'v1', 0, 'r', 2]);
});

test('selectors accept the fields of package revisions', () => {
  expect(packageRevisionResourcesSelectors.known('spec.lifecycle')).toBe(true);
  expect(packageRevisionResourcesSelectors.of(old)).toEqual({
    'spec.packageName': 'p',
    'spec.revision': '0',
    'spec.repository': 'r',
    'spec.workspaceName': 'v1',
  });
});

test.each([
  ['x', 'status.renderStatus'],
  [{ result: { items: 'x' } }, 'status.renderStatus.result.items'],
  [{ result: { items: [{ exitCode: 'x' }] } }, 'status.renderStatus.result.items[0].exitCode'],
  [
    { result: { items: [{ exitCode: 0, results: [{ message: 7 }] }] } },
    'status.renderStatus.result.items[0].results[0].message',
  ],
  [{ error: true }, 'status.renderStatus.error'],
])('a render status that is none is refused, although the one of the server stays: %j', (renderStatus, field) => {
  const { group, version, kind, schema } = packageRevisionResourcesDefinition({ engine: {} as Engine });
  const decode = () => decodeValue({ group, version, kind, schema }, { ...old, status: { renderStatus } });
  expect(decode).toThrow(expect.objectContaining({ code: 400, message: expect.stringContaining(`"${field}"`) }));
});
