import { expect, it } from 'vitest';
import { runFunction } from '../../testing/run-function.ts';
import { removeLocalConfigResources } from './remove-local-config-resources.ts';

function object(name: string, local?: string): string {
  const head = `apiVersion: v1\nkind: Foo\nmetadata:\n  name: ${name}\n`;
  return local === undefined ? head : `${head}  annotations:\n    config.kubernetes.io/local-config: ${local}\n`;
}

it('removes local configuration and reports it', () => {
  const text = [object('a', '"true"'), object('b'), object('c', '"True"'), object('d', '"false"')].join('---\n');
  const run = runFunction(removeLocalConfigResources, text);
  expect(run.items?.map(({ name }) => name)).toEqual(['b', 'd']);
  expect(run.results).toEqual([
    { message: 'Number of resources pruned: 2', severity: 'info' },
    { message: 'Resource name: [a]', severity: 'info', file: { path: 'resources.yaml' } },
    { message: 'Resource name: [c]', severity: 'info', file: { path: 'resources.yaml', index: 2 } },
  ]);
});

it('leaves Kptfiles, which are marked in every new package', () => {
  const kptfile = object('p', '"true"').replace('v1\nkind: Foo', 'kpt.dev/v1\nkind: Kptfile');
  const run = runFunction(removeLocalConfigResources, `${kptfile}---\n${object('a', '"true"')}`);
  expect(run.text).toBe(kptfile);
  expect(run.messages).toEqual(['Number of resources pruned: 1', 'Resource name: [a]']);
});

it('warns where there is none', () => {
  const run = runFunction(removeLocalConfigResources, object('a'));
  expect(run.items).toBeUndefined();
  expect(run.results).toEqual([
    { message: 'Found no resources to prune with the local config annotation', severity: 'warning' },
  ]);
});
