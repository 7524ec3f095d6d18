import { describe, expect, it } from 'vitest';
import { configMap, functionConfig, runFunction } from '../../testing/run-function.ts';
import { functionFailure } from '../reporting.ts';
import { config } from './apply-replacements.test-support.ts';
import { applyReplacements } from './apply-replacements.ts';

const resources = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: target
spec:
  replicas: 3 # count
`;

describe('apply-replacements configuration', () => {
  it.each([
    ['nothing', undefined, 'FunctionConfig is missing. Expect `ApplyReplacements`'],
    [
      'a ConfigMap',
      configMap({}),
      'received functionConfig of kind ConfigMap and apiVersion v1, only functionConfig of kind ApplyReplacements and apiVersion fn.kpt.dev/v1alpha1 is supported',
    ],
    [
      'no source',
      config('- targets: [{select: {}}]\n'),
      'replacements[0]: replacements must specify a source and at least one target',
    ],
    [
      'no targets',
      config('- sourceValue: x\n'),
      'replacements[0]: replacements must specify a source and at least one target',
    ],
    [
      'two sources',
      config('- {sourceValue: x, source: {}, targets: [{select: {}}]}\n'),
      'only one of `source` and `sourceValue`',
    ],
    [
      'no select',
      config('- {sourceValue: x, targets: [{}]}\n'),
      'replacements[0].targets[0].select: target must specify resources to select',
    ],
    ['a text as targets', config('- {sourceValue: x, targets: y}\n'), 'replacements[0].targets must be a list'],
    [
      'a wrong index',
      config('- {sourceValue: x, targets: [{select: {}, options: {index: a}}]}\n'),
      'options.index must be a whole number',
    ],
    ['a text as select', config('- {sourceValue: x, targets: [{select: y}]}\n'), 'targets[0].select must be a mapping'],
    [
      'a number as field path',
      config('- {sourceValue: x, targets: [{select: {}, fieldPaths: [1]}]}\n'),
      'replacements[0].targets[0].fieldPaths[0] must be a string',
    ],
    [
      'a text as create',
      config('- {sourceValue: x, targets: [{select: {}, options: {create: "yes"}}]}\n'),
      'replacements[0].targets[0].options.create must be true or false',
    ],
    [
      'a mapping as kind',
      config('- {source: {kind: {}}, targets: [{select: {}}]}\n'),
      'replacements[0].source.kind must be a string',
    ],
    [
      'a source of several fields',
      config('- {source: {kind: Deployment, fieldPath: "spec.*.x"}, targets: [{select: {}}]}\n'),
      'a source field path must mean one field; `*` means several',
    ],
    [
      'a misspelt field of a target',
      config('- {sourceValue: x, targets: [{select: {}, fieldPath: [a]}]}\n'),
      'replacements[0].targets[0].fieldPath is no field: there are select, reject, fieldPaths, options',
    ],
    [
      'an unknown field of a selector',
      config('- {sourceValue: x, targets: [{select: {apiVersion: v1}}]}\n'),
      'replacements[0].targets[0].select.apiVersion is no field: there are group, version, kind, name, namespace, labelSelector, annotationSelector',
    ],
    [
      'an unknown option',
      config('- {source: {options: {encoding: base64}}, targets: [{select: {}}]}\n'),
      'replacements[0].source.options.encoding is no field: there are delimiter, index, create',
    ],
    [
      'a field path that is empty',
      config('- {sourceValue: x, targets: [{select: {}, fieldPaths: [a..b]}]}\n'),
      'replacements[0].targets[0].fieldPaths[0]: field path "a..b" has an empty part',
    ],
    [
      'a bracket that is not closed',
      config("- {sourceValue: x, targets: [{select: {}, fieldPaths: [a, 'b.[c=d.e']}]}\n"),
      'replacements[0].targets[0].fieldPaths[1]: field path "b.[c=d.e" has a bracket that is not closed: [c=d.e',
    ],
    [
      'a value that is no regular expression',
      config("- {sourceValue: x, targets: [{select: {}, fieldPaths: ['a.[b=(]']}]}\n"),
      'field path "a.[b=(]" has a value that is no regular expression: ',
    ],
    [
      'a wrong selector',
      config('- {sourceValue: x, targets: [{select: {labelSelector: "a=b=c"}}]}\n'),
      'unable to parse label selector: "a=b=c"',
    ],
  ])('refuses %s', (_, given, message) => {
    const run = runFunction(applyReplacements, resources, given);
    expect(run.failed).toBe(functionFailure);
    expect(run.messages[0]).toContain(message);
    expect(run.text).toBe(resources);
  });

  it('does nothing without replacements', () => {
    const run = runFunction(
      applyReplacements,
      resources,
      functionConfig('apiVersion: fn.kpt.dev/v1alpha1\nkind: ApplyReplacements\nreplacements: []\n'),
    );
    expect(run).toMatchObject({ text: resources, results: [] });
  });
});
