import { expect, it } from 'vitest';
import { configMap, runFunction } from '../../testing/run-function.ts';
import { deleteAnnotations } from './delete-annotations.ts';

const head = 'apiVersion: v1\nkind: Foo\nmetadata:\n  name: a\n';
const annotations = '  annotations:\n    x: "1" # first\n    y: "2" # second\n    z: "3" # third\n';

it.each([
  ['x', annotations.replace('    x: "1" # first\n', '')],
  ['y', annotations.replace('    y: "2" # second\n', '')],
  [' x , z ', '  annotations:\n    y: "2" # second\n'],
  ['x,y,z', ''],
])('deletes %j', (annotationKeys, left) => {
  const run = runFunction(deleteAnnotations, head + annotations, configMap({ annotationKeys }));
  expect(run.text).toBe(head + left);
  expect(run.failed).toBeUndefined();
  expect(run.messages[0]).toBe('The following annotations were deleted from the resources');
  expect(run.results).toHaveLength(1 + annotationKeys.split(',').length);
});

it('leaves alone what the annotations are an alias of', () => {
  const labels = `${head}  labels: &both\n    x: "1"\n    y: "2"\n`;
  const run = runFunction(deleteAnnotations, `${labels}  annotations: *both # c\n`, configMap({ annotationKeys: 'x' }));
  expect(run.text).toBe(`${labels}  annotations: # c\n    y: "2"\n`);
});

it('leaves a list alone', () => {
  const text = `${head}  annotations: [x]\n`;
  expect(runFunction(deleteAnnotations, text, configMap({ annotationKeys: 'x' })).text).toBe(text);
});

it('reports each one with its resource', () => {
  const run = runFunction(deleteAnnotations, head + annotations, configMap({ annotationKeys: 'x' }));
  expect(run.results[1]).toEqual({
    message: 'Annotation: [x] removed from resource: [a]',
    severity: 'info',
    file: { path: 'resources.yaml' },
  });
});

it('warns where there are none', () => {
  const run = runFunction(deleteAnnotations, head + annotations, configMap({ annotationKeys: 'w' }));
  expect(run.text).toBe(head + annotations);
  expect(run.results).toEqual([
    { message: 'None of the resources had the provided annotations to delete', severity: 'warning' },
  ]);
});

it.each([
  ['nothing', undefined],
  ['no keys', configMap({ other: 'x' })],
  ['empty keys', configMap({ annotationKeys: ' ,' })],
])('refuses %s', (_, config) => {
  const run = runFunction(deleteAnnotations, head + annotations, config);
  expect(run.failed).toContain('expecting 1 or more annotation keys');
  expect(run.results[0]).toMatchObject({ severity: 'error' });
});
