import { ageCell } from '@porch/apiserver';
import { expect, test } from 'vitest';
import type { PackageRevision } from '../../resources/package-revision.ts';
import { packageRevisionSelectors } from './selectors.ts';
import { packageRevisionTable } from './table.ts';

const published: PackageRevision = {
  apiVersion: 'porch.kpt.dev/v1alpha1',
  kind: 'PackageRevision',
  metadata: { name: 'r.a.p.v1', labels: { 'kpt.dev/latest-revision': 'true' } },
  spec: {
    repository: 'r',
    packageName: 'a/p',
    workspaceName: 'v1',
    revision: 3,
    lifecycle: 'Published',
    packageMetadata: { labels: { 'example.com/team': 'x' } },
  },
  status: {},
};

test('the table has the columns that clients look up by name', () => {
  expect(packageRevisionTable.columns.map(({ name, type, priority }) => `${name} ${type} ${priority}`)).toEqual([
    'Name string 0',
    'Package string 0',
    'WorkspaceName string 0',
    'Revision integer 0',
    'Latest boolean 0',
    'Lifecycle string 0',
    'Repository string 0',
    'Age string 1',
  ]);
  expect(packageRevisionTable.cells(published)).toEqual(['r.a.p.v1', 'a/p', 'v1', 3, true, 'Published', 'r', ageCell]);
  const draft = { ...published, metadata: { name: 'd' }, spec: {} };
  expect(packageRevisionTable.cells(draft)).toEqual(['d', '', '', 0, false, 'Draft', '', ageCell]);
});

test('selectors see the fields of the spec and the labels of the Kptfile', () => {
  expect(packageRevisionSelectors.of(published)).toEqual({
    'spec.revision': '3',
    'spec.packageName': 'a/p',
    'spec.repository': 'r',
    'spec.workspaceName': 'v1',
    'spec.lifecycle': 'Published',
    'spec.packageMetadata.labels[example.com/team]': 'x',
  });
  expect(packageRevisionSelectors.of({ ...published, spec: {} })).toMatchObject({
    'spec.revision': '0',
    'spec.lifecycle': 'Draft',
  });
  expect(packageRevisionSelectors.known('spec.packageMetadata.labels[any]')).toBe(true);
  expect(packageRevisionSelectors.known('spec.tasks')).toBe(false);
});

test('selector values are brought into the form of the fields', () => {
  const { normalize } = packageRevisionSelectors;
  expect(normalize('spec.revision', 'v3')).toBe('3');
  expect(normalize('spec.revision', '0')).toBe('0');
  expect(normalize('spec.revision', '-1')).toBe('-1');
  expect(normalize('spec.revision', 'v03')).toBe('3');
  const tooLarge = '9'.repeat(20);
  expect(() => normalize('spec.revision', tooLarge)).toThrowError(expect.objectContaining({ code: 400 }));
  expect(() => normalize('spec.revision', 'latest')).toThrowError(expect.objectContaining({ code: 400 }));
  expect(() => normalize('spec.lifecycle', 'draft')).toThrowError(expect.objectContaining({ code: 400 }));
  expect(normalize('spec.packageName', '/a/b/')).toBe('a/b');
});
