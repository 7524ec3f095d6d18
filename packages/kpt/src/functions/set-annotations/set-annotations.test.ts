import { describe, expect, it } from 'vitest';
import { configMap, functionConfig, objectsOf, runFunction } from '../../testing/run-function.ts';
import { setAnnotations } from './set-annotations.ts';

const head = 'apiVersion: fn.kpt.dev/v1alpha1\n';
const secret = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n';
const annotations = 'annotations:\n  fruit: apple\n  color: orange\n';
const message = 'set annotations: {"color":"orange","fruit":"apple"}';

describe('set-annotations configuration', () => {
  it.each([
    ['a ConfigMap', configMap({ fruit: 'apple', color: 'orange' })],
    ['SetAnnotations', functionConfig(`${head}kind: SetAnnotations\n${annotations}`)],
    ['SetAnnotationConfig', functionConfig(`${head}kind: SetAnnotationConfig\n${annotations}`)],
  ])('takes %s', (_, config) => {
    const run = runFunction(setAnnotations, secret, config);
    expect(run.text).toBe(`${secret}  annotations:\n    color: orange\n    fruit: apple\n`);
    expect(run.results).toEqual([
      { message, field: { path: 'metadata.annotations' }, file: { path: 'resources.yaml' } },
    ]);
  });

  it.each([
    ['nothing', undefined, '`functionConfig` must be a `ConfigMap` or `SetAnnotations`'],
    [
      'another kind',
      functionConfig(`${head}kind: Foo\n`),
      '`functionConfig` must be a `ConfigMap` or `SetAnnotations`',
    ],
    ['an empty ConfigMap', configMap({}), 'input annotation list cannot be empty'],
    [
      'an empty list',
      functionConfig(`${head}kind: SetAnnotations\nannotations: {}\n`),
      'input annotation list cannot be empty',
    ],
    [
      'both names of the field',
      functionConfig(`${head}kind: SetAnnotations\n${annotations}fieldSpecs: []\nadditionalAnnotationFields: []\n`),
      '`fieldSpecs` has been deprecated, please rename it to `additionalAnnotationFields`',
    ],
    [
      'a field without path',
      functionConfig(`${head}kind: SetAnnotations\n${annotations}additionalAnnotationFields:\n- kind: X\n`),
      '`additionalAnnotationFields[0].path` must not be empty',
    ],
    [
      'fields that are no list',
      functionConfig(`${head}kind: SetAnnotations\n${annotations}additionalAnnotationFields: x\n`),
      '`additionalAnnotationFields` must be a list',
    ],
    [
      'a field that is no mapping',
      functionConfig(`${head}kind: SetAnnotations\n${annotations}fieldSpecs: [x]\n`),
      '`fieldSpecs[0]` must be a mapping',
    ],
    [
      'a field whose create is a text',
      functionConfig(`${head}kind: SetAnnotations\n${annotations}fieldSpecs: [{path: a, create: "no"}]\n`),
      '`fieldSpecs[0].create` must be true or false',
    ],
    [
      'a misspelt field',
      functionConfig(`${head}kind: SetAnnotations\n${annotations}fieldSpecs: [{path: a, knd: b}]\n`),
      '`fieldSpecs[0].knd` is unknown',
    ],
    [
      'a field of a kind that is no text',
      functionConfig(`${head}kind: SetAnnotations\n${annotations}fieldSpecs: [{path: a, kind: [b]}]\n`),
      '`fieldSpecs[0].kind` must be a string',
    ],
  ])('refuses %s', (_, config, reason) => {
    const run = runFunction(setAnnotations, secret, config);
    expect(run.text).toBe(secret);
    expect(run.failed).toBe(`[error]: failed to configure function: ${reason}`);
    expect(run.results).toEqual([{ message: `failed to configure function: ${reason}`, severity: 'error' }]);
  });
});

describe('set-annotations', () => {
  const config = configMap({ color: 'orange' });

  it.each([
    ['v1', 'ReplicationController', ['spec', 'template', 'metadata', 'annotations']],
    ['apps/v1', 'Deployment', ['spec', 'template', 'metadata', 'annotations']],
    ['apps/v1', 'ReplicaSet', ['spec', 'template', 'metadata', 'annotations']],
    ['apps/v1', 'DaemonSet', ['spec', 'template', 'metadata', 'annotations']],
    ['apps/v1', 'StatefulSet', ['spec', 'template', 'metadata', 'annotations']],
    ['batch/v1', 'Job', ['spec', 'template', 'metadata', 'annotations']],
    ['batch/v1', 'CronJob', ['spec', 'jobTemplate', 'metadata', 'annotations']],
    ['batch/v1', 'CronJob', ['spec', 'jobTemplate', 'spec', 'template', 'metadata', 'annotations']],
  ])('sets those of the pods of %s %s', (apiVersion, kind, path) => {
    const run = runFunction(setAnnotations, `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: a\n`, config);
    const [object] = objectsOf(run.text);
    expect(object?.getStringMap(path)).toEqual({ color: 'orange' });
    expect(run.results).toContainEqual(expect.objectContaining({ field: { path: path.join('.') } }));
  });

  it('sets further fields of the named kinds only, making them where asked to', () => {
    const fields = (create: boolean) =>
      functionConfig(
        `${head}kind: SetAnnotations\nannotations: {color: orange}\nadditionalAnnotationFields:\n` +
          `- {kind: Foo, group: x.io, version: v1, path: 'spec/items[]/annotations', create: ${create}}\n`,
      );
    const foo =
      'apiVersion: x.io/v1\nkind: Foo\nmetadata:\n  name: a\nspec:\n  items:\n  - annotations:\n      a: b\n  - {}\n';
    const at = (run: { results: readonly { field?: { path?: string } }[] }) => run.results.map((r) => r.field?.path);
    expect(at(runFunction(setAnnotations, foo, fields(true)))).toEqual([
      'metadata.annotations',
      'spec.items[0].annotations',
      'spec.items[1].annotations',
    ]);
    expect(at(runFunction(setAnnotations, foo, fields(false)))).toEqual([
      'metadata.annotations',
      'spec.items[0].annotations',
    ]);
    expect(at(runFunction(setAnnotations, foo.replace('x.io', 'y.io'), fields(true)))).toEqual([
      'metadata.annotations',
    ]);
  });

  it('gives a Kptfile no field that none has', () => {
    const kptfile = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n';
    const fields = functionConfig(
      `${head}kind: SetAnnotations\nannotations: {color: orange}\nadditionalAnnotationFields:\n- {path: spec/annotations, create: true}\n`,
    );
    const run = runFunction(setAnnotations, kptfile, fields);
    expect(run.text).toBe(`${kptfile}  annotations:\n    color: orange\n`);
    expect(run.results).toHaveLength(1);
  });

  it('includes local configuration and orders results by file position', () => {
    const local = `${secret}  annotations:\n    config.kubernetes.io/local-config: "true"\n`;
    const run = runFunction(setAnnotations, `${secret}---\n${local}`, config);
    expect(run.results.map((result) => result.file)).toEqual([
      { path: 'resources.yaml' },
      { path: 'resources.yaml', index: 1 },
    ]);
    expect(run.text).toContain('    config.kubernetes.io/local-config: "true"\n    color: orange\n');
  });

  it('quotes values that would not be read as text', () => {
    expect(runFunction(setAnnotations, secret, configMap({ a: 'true', b: '5' })).text).toContain(
      'a: "true"\n    b: "5"',
    );
  });

  it('says so when there is nothing', () => {
    const run = runFunction(setAnnotations, '', config);
    expect(run.results).toEqual([{ message: 'no annotations applied' }]);
  });

  it('fails where annotations are no mapping', () => {
    const run = runFunction(setAnnotations, `${secret}  annotations: text\n`, config);
    expect(run.results[0]?.message).toContain(
      'failed to run function: Secret a (resources.yaml): `metadata.annotations`',
    );
  });
});
