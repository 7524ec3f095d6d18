import { describe, expect, it } from 'vitest';
import { configMap, functionConfig, objectsOf, runFunction } from '../../testing/run-function.ts';
import { functionFailure } from '../reporting.ts';
import { setImage } from './set-image.ts';

function pod(image: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: c\n    image: ${image}\n`;
}

function imageAfter(image: string, config: Record<string, string>): string | undefined {
  const run = runFunction(setImage, pod(image), configMap(config));
  expect(run.failed).toBeUndefined();
  return objectsOf(run.text)[0]?.getString(['spec', 'containers', 0, 'image']);
}

describe('set-image names', () => {
  it.each([
    ['nginx:1', { newTag: '2' }, 'nginx:2'],
    ['nginx', { newTag: '2' }, 'nginx:2'],
    ['nginx:1', { newName: 'r.io/nginx' }, 'r.io/nginx:1'],
    ['nginx@sha256:abc', { newName: 'other' }, 'other@sha256:abc'],
    ['nginx:1@sha256:abc', { newName: 'other' }, 'other:1@sha256:abc'],
    ['nginx:1@sha256:abc', { newTag: '2' }, 'nginx:2'],
    ['nginx:1', { digest: 'sha256:abc' }, 'nginx@sha256:abc'],
    ['nginx:1', { newTag: '2', digest: 'sha256:abc' }, 'nginx@sha256:abc'],
    ['nginx:1', { newName: 'x', newTag: '2' }, 'x:2'],
    ['r.io:5000/nginx:1', { name: 'r.io:5000/nginx', newTag: '2' }, 'r.io:5000/nginx:2'],
    ['r.io:5000/nginx', { name: 'r.io:5000/nginx', newTag: '2' }, 'r.io:5000/nginx:2'],
    ['r.io/nginx:1', { newTag: '2' }, 'r.io/nginx:1'],
    ['nginx-x:1', { newTag: '2' }, 'nginx-x:1'],
    ['nginx-x:1', { name: 'nginx.*', newTag: '2' }, 'nginx-x:2'],
  ])('%s with %j becomes %s', (image, config, expected) => {
    expect(imageAfter(image, { name: 'nginx', ...config })).toBe(expected);
  });

  it('keeps quotes and comments', () => {
    expect(runFunction(setImage, pod('"nginx:1" # web'), configMap({ name: 'nginx', newTag: '2' })).text).toBe(
      pod('"nginx:2" # web'),
    );
  });
});

describe('set-image', () => {
  const containers = 'initContainers: [{image: "nginx:1"}], containers: [{image: "nginx:1"}, {image: "redis:1"}, {}]';

  it.each([
    ['apps/v1', 'Deployment', 2],
    ['apps/v1', 'StatefulSet', 2],
    ['apps/v1', 'ReplicaSet', 2],
    ['apps/v1', 'DaemonSet', 2],
    ['batch/v1', 'Job', 0],
    ['x.io/v1', 'Deployment', 0],
  ])('changes the containers of %s %s: %i', (apiVersion, kind, count) => {
    const text = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: a\nspec: {template: {spec: {${containers}}}}\n`;
    const run = runFunction(setImage, text, configMap({ name: 'nginx', newTag: '2' }));
    expect(run.results).toEqual([{ message: `summary: updated a total of ${count} image(s)`, severity: 'info' }]);
  });

  it('counts images that are so already', () => {
    const run = runFunction(setImage, pod('nginx:2'), configMap({ name: 'nginx', newTag: '2' }));
    expect(run.messages).toEqual(['summary: updated a total of 1 image(s)']);
  });

  it('takes SetImage with further fields', () => {
    const config = functionConfig(
      'apiVersion: fn.kpt.dev/v1alpha1\nkind: SetImage\nimage: {name: nginx, newTag: "2"}\n' +
        'additionalImageFields: [{group: x.io, kind: Foo, path: "spec/images[]/image"}]\n',
    );
    const foo =
      'apiVersion: x.io/v1\nkind: Foo\nmetadata:\n  name: a\nspec:\n  images:\n  - image: nginx:1\n  - image: redis:1\n';
    const run = runFunction(setImage, `${foo}---\n${pod('nginx:1')}`, config);
    expect(run.text).toBe(`${foo}---\n${pod('nginx:1')}`.replaceAll('nginx:1', 'nginx:2'));
    expect(run.messages).toEqual(['summary: updated a total of 2 image(s)']);
  });

  it.each([
    ['nothing', undefined, 'must specify `name`'],
    ['no name', configMap({ newTag: '2' }), 'must specify `name`'],
    ['nothing new', configMap({ name: 'a' }), 'must specify one of `newName`, `newTag`, or `digest`'],
    ['an unknown parameter', configMap({ name: 'a', tag: '2' }), 'ConfigMap has wrong field name tag'],
    ['another kind', functionConfig('apiVersion: v1\nkind: Secret\n'), 'unknown kind `Secret`'],
    ['a name that is no expression', configMap({ name: '(', newTag: '2' }), 'error parsing regexp'],
  ])('refuses %s', (_, config, message) => {
    const run = runFunction(setImage, pod('nginx:1'), config);
    expect(run.failed).toBe(functionFailure);
    expect(run.text).toBe(pod('nginx:1'));
    expect(run.results).toEqual([
      { message: expect.stringContaining(`invalid FunctionConfig: ${message}`), severity: 'error' },
      { message: 'summary: updated a total of 0 image(s)', severity: 'info' },
    ]);
  });
});
