import { expect, test } from 'vitest';
import { packageSelectors } from './selectors.ts';
import { packageTable } from './table.ts';

const object = {
  apiVersion: 'porch.kpt.dev/v1alpha1',
  kind: 'PorchPackage',
  metadata: { name: 'r.a.p' },
  spec: { packageName: 'a/p', repository: 'r' },
  status: { latestRevision: 4 },
};

test('a package shows its latest revision as a number', () => {
  expect(packageTable.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'Name string',
    'Package string',
    'Repository string',
    'Latest Revision integer',
  ]);
  expect(packageTable.cells(object)).toEqual(['r.a.p', 'a/p', 'r', 4]);
  expect(packageTable.cells({ ...object, status: {} }).at(-1)).toBe(0);
});

test('a package is found by its path and its repository', () => {
  expect(packageSelectors.of(object)).toEqual({ 'spec.packageName': 'a/p', 'spec.repository': 'r' });
  expect(packageSelectors.normalize('spec.packageName', '/a/p')).toBe('a/p');
  expect(packageSelectors.known('spec.lifecycle')).toBe(false);
});
