import { describe, expect, it } from 'vitest';
import { configMap, functionConfig, runFunction } from '../testing/run-function.ts';
import { builtInFunctions } from './catalogue.ts';
import { configData, textField, textMap } from './function-config.ts';

const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n';

describe('a configuration of text', () => {
  it('is what aliases and merge keys stand for', () => {
    const config = functionConfig(
      `${head}  annotations: &shared\n    env: &env prod\n    tier: "1"\ndata:\n  <<: *shared\n  tier: *env\n  tag: 1.10\n  none:\n`,
    );
    expect([...configData(config)]).toEqual([
      ['env', 'prod'],
      ['tier', 'prod'],
      ['tag', '1.10'],
      ['none', ''],
    ]);
  });

  it('is empty where there is none', () => {
    expect(configData(undefined).size).toBe(0);
    expect(textMap(configMap({}), ['labels']).size).toBe(0);
    expect(textField(functionConfig(`${head}data:\n`), ['data'])).toBe('');
  });

  it.each([
    ['data: [a]', '`data` must be a mapping'],
    ['data: a', '`data` must be a mapping'],
    ['data: {a: [b]}', '`data.a` must be a string'],
    ['data: {a: {b: c}}', '`data.a` must be a string'],
  ])('is not %s', (data, message) => {
    expect(() => configData(functionConfig(`${head}${data}\n`))).toThrow(message);
  });
});

it.each([
  ['apply-setters', 'failed to apply setters: `data.a` must be a string', true],
  ['create-setters', 'failed to create setters: `data.a` must be a string', true],
  ['delete-annotations', 'failed to process resources: `data.a` must be a string', true],
  ['ensure-name-substring', '`data.a` must be a string', true],
  ['search-replace', 'failed to perform search-replace operation: "`data.a` must be a string"', true],
  ['set-annotations', 'failed to configure function: `data.a` must be a string', true],
  ['set-enforcement-action', 'failed to process policies: `data.a` must be a string', true],
  ['set-image', 'invalid FunctionConfig: `data.a` must be a string', true],
  ['set-labels', '`data.a` must be a string', true],
  ['set-namespace', '`data.a` must be a string', false],
  ['set-project-id', 'failed to set project-id setter: `data.a` must be a string', true],
])('%s takes no list for a text', (name, message, fails) => {
  const fn = builtInFunctions.get(name);
  if (fn === undefined) throw new Error('there is no such function');
  const text = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  a: # kpt-set: ${a}\n  - x\n';
  const run = runFunction(fn, text, functionConfig(`${head}data:\n  a: [b]\n`));
  expect(run.messages[0]).toBe(message);
  expect(run.failed !== undefined).toBe(fails);
  expect(run.text).toBe(text);
});

it.each([
  ['set-namespace', 'SetNamespace', 'namespace: x\nnamespaceMatcher: [a]', '`namespaceMatcher` must be a string'],
  ['set-labels', 'SetLabels', 'labels: [a]', '`labels` must be a mapping'],
  ['set-annotations', 'SetAnnotations', 'annotations: {a: [b]}', '`annotations.a` must be a string'],
  ['set-image', 'SetImage', 'image: nginx', '`image` must be a mapping'],
  ['ensure-name-substring', 'EnsureNameSubstring', 'substring: a\neditMode: [append]', '`editMode` must be a string'],
])('%s refuses fields of its own kind that are of another type', (name, kind, fields, message) => {
  const fn = builtInFunctions.get(name);
  if (fn === undefined) throw new Error('there is no such function');
  const text = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n';
  const config = functionConfig(`apiVersion: fn.kpt.dev/v1alpha1\nkind: ${kind}\nmetadata:\n  name: c\n${fields}\n`);
  const run = runFunction(fn, text, config);
  expect(run.messages[0]).toContain(message);
  expect(run.text).toBe(text);
});
