import { expect, it } from 'vitest';
import { renderPackage } from '../pipeline/render-package.ts';
import { createBuiltInRuntime } from '../runtimes/built-in-runtime.ts';
import { configMap, objectsOf, runFunction } from '../testing/run-function.ts';
import { builtInFunctions } from './catalogue.ts';
import { createSetters } from './create-setters/create-setters.ts';
import { fieldsLeftAlone } from './fields-left-alone.ts';
import { searchReplace } from './search-replace/search-replace.ts';

const kptfile = `apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: status
pipeline:
  mutators:
  - image: search-replace
    configMap: {by-value: x}
  - image: example.io/fn/create-setters:v1
    configMap: {a: x}
  validators:
  - image: create-setters
    configMap: {b: x}
status: {}
`;

it('are those of the function in a Kptfile, and its status', () => {
  const [object] = objectsOf(kptfile, 'Kptfile');
  if (object === undefined) throw new Error('no object');
  const isLeftAlone = fieldsLeftAlone(object, { name: 'create-setters' }, undefined);
  const paths = [
    'metadata.name',
    'metadata.annotations.internal.kpt.dev/upstream-identifier',
    'metadata.annotations.internal.kpt.dev/upstream-identifiers',
    'pipeline.mutators[0].configMap.by-value',
    'pipeline.mutators[1].image',
    'pipeline.mutators[1].configMap.a',
    'pipeline.validators[0].configMap.b',
    'statusText',
    'status.conditions[0].type',
  ];
  expect(paths.map(isLeftAlone)).toEqual([false, true, false, false, false, true, true, false, true]);
  expect(fieldsLeftAlone(object, { name: 'create-setters' }, object)('metadata.name')).toBe(true);
});

it('are not the conditions of a Kptfile when a path leads to them', () => {
  const text = `${kptfile.slice(0, kptfile.indexOf('pipeline:'))}status:
  conditions:
  - type: ready
    status: "False"
  renderStatus:
    errorSummary: "False"
`;
  const readied = text.replace('status: "False"', 'status: "True"');
  for (const path of ['status.conditions[0].status', 'status.conditions[type=ready].status']) {
    expect(runFunction(searchReplace, text, configMap({ 'by-path': path, 'put-value': 'True' }))).toMatchObject({
      text: readied,
      results: [{ message: 'Mutated field value to "\\"True\\""' }],
    });
  }
  for (const path of ['**', 'status.**', '*.conditions[0].status', 'status.renderStatus.errorSummary']) {
    const wanted = { 'by-path': path, 'by-value': 'False', 'put-value': 'True' };
    expect(runFunction(searchReplace, text, configMap(wanted)).text).toBe(text);
  }
});

it('are what a resource was upstream', () => {
  const text =
    'apiVersion: v1\nkind: Foo\nmetadata:\n  name: a\n  annotations:\n    internal.kpt.dev/upstream-identifier: "|Foo|ns|a"\n    x: ns\n';
  const replaced = runFunction(
    searchReplace,
    text,
    configMap({ 'by-value-regex': '(.*)ns(.*)', 'put-value': '${1}b${2}' }),
  );
  expect(replaced.text).toBe(text.replace('x: ns', 'x: b'));
  expect(runFunction(createSetters, text, configMap({ n: 'ns' })).text).toBe(
    text.replace('x: ns', 'x: ns # kpt-set: ${n}'),
  );
});

it.each([
  ['search-replace', { 'by-value-regex': '(.*)ngin(.*)', 'put-value': '${1}m${2}' }],
  ['search-replace', { 'by-value-regex': 'ngin' }],
  ['search-replace', { 'by-path': 'data.x', 'put-value': 'ngin' }],
  ['search-replace', { 'by-path': 'status.conditions[*].status', 'put-value': 'False' }],
  ['create-setters', { name: 'ngin' }],
])('a package is the same when %s with %j has run again', async (name, data) => {
  const runtime = createBuiltInRuntime(builtInFunctions);
  const lines = Object.entries(data).map(([key, value]) => `      ${key}: ${JSON.stringify(value)}\n`);
  const service = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: s\nspec:\n  image: nginx\n';
  const head = kptfile.slice(0, kptfile.indexOf('pipeline:'));
  const config = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n${lines.join('').replaceAll('      ', '  ')}`;
  for (const [entry, files] of [
    [`configMap:\n${lines.join('')}`, {}],
    ['configPath: config.yaml\n', { 'config.yaml': config }],
  ] as const) {
    const given = {
      Kptfile: `${head}pipeline:\n  mutators:\n  - image: ${name}\n    ${entry}`,
      's.yaml': service,
      ...files,
    };
    const options = { defaultImagePrefix: 'example.io/fn/' };
    const first = await renderPackage(new Map(Object.entries(given)), options, runtime);
    expect(first.error).toBeUndefined();
    expect(first.files.get('Kptfile')).toContain(entry);
    expect(first.files.get('config.yaml')).toBe(given['config.yaml' as keyof typeof given]);
    const second = await renderPackage(new Map(first.files), options, runtime);
    expect(second.error).toBeUndefined();
    expect(second.files.get('s.yaml')).toBe(first.files.get('s.yaml'));
    const third = await renderPackage(new Map(second.files), options, runtime);
    expect(third.files).toEqual(second.files);
  }
});
