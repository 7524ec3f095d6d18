import { describe, expect, it } from 'vitest';
import { configMap, functionConfig, objectsOf, runFunction } from '../../testing/run-function.ts';
import { functionFailure } from '../reporting.ts';
import { setLabels } from './set-labels.ts';

const service = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n';
const labels = { app: 'new', tier: '1' };

describe('set-labels configuration', () => {
  it.each([
    ['a ConfigMap', configMap(labels)],
    [
      'SetLabels',
      functionConfig('apiVersion: fn.kpt.dev/v1alpha1\nkind: SetLabels\nlabels:\n  tier: "1"\n  app: new\n'),
    ],
  ])('takes %s', (_, config) => {
    const run = runFunction(setLabels, 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n', config);
    expect(run.text).toContain('  labels:\n    app: new\n    tier: "1"\n');
    expect(run.results).toEqual([{ message: 'set 2 labels in total', severity: 'info' }]);
  });

  it('fails without a configuration', () => {
    const run = runFunction(setLabels, service);
    expect(run.failed).toBe(functionFailure);
    expect(run.results).toEqual([{ message: '`FunctionConfig` is not given', severity: 'info' }]);
  });

  it('fails with the empty configuration that stands for none', () => {
    const run = runFunction(setLabels, service, configMap({}));
    expect(run.failed).toBe(functionFailure);
    expect(run.messages).toEqual(['`FunctionConfig` is not given']);
  });

  it('warns of an empty list', () => {
    const run = runFunction(
      setLabels,
      service,
      functionConfig('apiVersion: fn.kpt.dev/v1alpha1\nkind: SetLabels\nmetadata:\n  name: x\nlabels: {}\n'),
    );
    expect(run.failed).toBeUndefined();
    expect(run.results).toEqual([
      { message: 'no `labels` arguments are given in FunctionConfig', severity: 'warning' },
    ]);
  });

  it('refuses another kind', () => {
    const run = runFunction(setLabels, service, functionConfig('apiVersion: fn.kpt.dev/v1alpha1\nkind: BadKind\n'));
    expect(run.failed).toBe(functionFailure);
    expect(run.results).toEqual([
      {
        message: 'unknown FunctionConfig `BadKind.fn.kpt.dev`, expect `SetLabels.fn.kpt.dev` or `ConfigMap.v1`',
        severity: 'error',
      },
    ]);
  });

  it('has nothing to do where all is local configuration', () => {
    const local = `${service}  annotations:\n    config.kubernetes.io/local-config: "true"\n`;
    const run = runFunction(setLabels, local, configMap(labels));
    expect(run.text).toBe(local);
    expect(run.results).toEqual([{ message: 'no input resources', severity: 'info' }]);
  });
});

describe('set-labels', () => {
  function label(text: string) {
    const run = runFunction(setLabels, text, configMap({ app: 'new' }));
    const [object] = objectsOf(run.text);
    if (object === undefined) throw new Error('no object');
    return { object, run };
  }

  it.each([
    ['v1', 'Service', ['spec', 'selector'], 2],
    ['v1', 'ReplicationController', ['spec', 'selector'], 2],
    ['apps/v1', 'Deployment', ['spec', 'selector', 'matchLabels'], 2],
    ['apps/v1', 'ReplicaSet', ['spec', 'selector', 'matchLabels'], 2],
    ['apps/v1', 'DaemonSet', ['spec', 'selector', 'matchLabels'], 2],
    ['apps/v1', 'StatefulSet', ['spec', 'selector', 'matchLabels'], 2],
  ])('adds to the selector of %s %s', (apiVersion, kind, path, count) => {
    const { object, run } = label(`apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: a\n`);
    expect(object.labels).toEqual({ app: 'new' });
    expect(object.getStringMap(path)).toEqual({ app: 'new' });
    expect(run.messages).toEqual([`set ${count} labels in total`]);
  });

  it.each([
    ['Job', 'batch/v1', 'selector: {matchLabels: {LABEL}}', ['spec', 'selector', 'matchLabels']],
    ['PodDisruptionBudget', 'policy/v1', 'selector: {matchLabels: {LABEL}}', ['spec', 'selector', 'matchLabels']],
    [
      'NetworkPolicy',
      'networking.k8s.io/v1',
      'podSelector: {matchLabels: {LABEL}}',
      ['spec', 'podSelector', 'matchLabels'],
    ],
    [
      'NetworkPolicy',
      'networking.k8s.io/v1',
      'ingress: [{from: [{podSelector: {matchLabels: {LABEL}}}]}]',
      ['spec', 'ingress', 0, 'from', 0, 'podSelector', 'matchLabels'],
    ],
    [
      'NetworkPolicy',
      'networking.k8s.io/v1',
      'egress: [{to: [{podSelector: {matchLabels: {LABEL}}}]}]',
      ['spec', 'egress', 0, 'to', 0, 'podSelector', 'matchLabels'],
    ],
    [
      'Deployment',
      'apps/v1',
      'template: {spec: {topologySpreadConstraints: [{labelSelector: {matchLabels: {LABEL}}}]}}',
      ['spec', 'template', 'spec', 'topologySpreadConstraints', 0, 'labelSelector', 'matchLabels'],
    ],
    [
      'StatefulSet',
      'apps/v1',
      'volumeClaimTemplates: [{spec: {selector: {matchLabels: {LABEL}}}}]',
      ['spec', 'volumeClaimTemplates', 0, 'spec', 'selector', 'matchLabels'],
    ],
    [
      'CronJob',
      'batch/v1',
      'jobTemplate: {spec: {selector: {matchLabels: {LABEL}}}}',
      ['spec', 'jobTemplate', 'spec', 'selector', 'matchLabels'],
    ],
  ])('only replaces what is in a selector of %s (%s, %s)', (kind, apiVersion, spec, path) => {
    const text = (present: string) =>
      `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: a\nspec:\n  ${spec.replace('LABEL', present)}\n`;
    expect(label(text('app: old')).object.getStringMap(path)).toEqual({ app: 'new' });
    expect(label(text('other: x')).object.getStringMap(path)).toEqual({ other: 'x' });
  });

  it.each([
    ['Deployment', 'apps/v1', 'template: {metadata: {}}', ['spec', 'template', 'metadata', 'labels']],
    ['Job', 'batch/v1', 'template: {spec: {}}', ['spec', 'template', 'metadata', 'labels']],
    ['CronJob', 'batch/v1', 'jobTemplate: {spec: {}}', ['spec', 'jobTemplate', 'metadata', 'labels']],
    [
      'CronJob',
      'batch/v1',
      'jobTemplate: {spec: {template: {}}}',
      ['spec', 'jobTemplate', 'spec', 'template', 'metadata', 'labels'],
    ],
    [
      'StatefulSet',
      'apps/v1',
      'volumeClaimTemplates: [{metadata: {name: x}}]',
      ['spec', 'volumeClaimTemplates', 0, 'metadata', 'labels'],
    ],
  ])('adds to templates of %s (%s, %s)', (kind, apiVersion, spec, path) => {
    const { object } = label(`apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: a\nspec:\n  ${spec}\n`);
    expect(object.getStringMap(path)).toEqual({ app: 'new' });
  });

  it.each([
    ['PodDisruptionBudget', 'selector: {matchLabels: {app: old}}'],
    ['CronJob', 'jobTemplate: {spec: {template: {}}}'],
  ])('leaves the fields of a %s of another group alone', (kind, spec) => {
    const text = `apiVersion: example.com/v1\nkind: ${kind}\nmetadata:\n  name: a\n  labels: {app: old}\nspec:\n  ${spec}\n`;
    const run = runFunction(setLabels, text, configMap({ app: 'new' }));
    expect(run.text).toBe(text.replace('labels: {app: old}', 'labels: {app: new}'));
  });

  it('makes no template where there is none and leaves affinity alone, as kpt does', () => {
    const affinity =
      'affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {app: old}}}]}}';
    const { object } = label(
      `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\nspec:\n  template:\n    spec: {${affinity}}\n`,
    );
    expect(JSON.stringify(object.get(['spec', 'template', 'spec']))).toContain('"app":"old"');
    expect(
      label('apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n').object.get(['spec', 'template']),
    ).toBeUndefined();
  });

  it('takes an object without a kind for one of every kind, as kpt does', () => {
    const run = runFunction(setLabels, 'resources:\n- a.yaml\n', configMap({ app: 'new' }));
    expect(run.text).toBe(
      'resources:\n- a.yaml\nmetadata:\n  labels:\n    app: new\nspec:\n  selector:\n    app: new\n    matchLabels:\n      app: new\n',
    );
    expect(run.messages).toEqual(['set 4 labels in total']);
  });

  it('keeps order, quotes and comments of what is there', () => {
    const text = `${service}  labels:\n    z: last # z\n    app: 'old' # why\nspec:\n  selector: {app: old}\n`;
    const run = runFunction(setLabels, text, configMap({ app: 'new', b: 'x' }));
    expect(run.text).toContain("  labels:\n    z: last # z\n    app: 'new' # why\n    b: x\n");
  });

  it('fails naming the object whose labels are no mapping', () => {
    const run = runFunction(setLabels, `${service}  labels: [a]\n`, configMap(labels));
    expect(run.failed).toBe(functionFailure);
    expect(run.messages[0]).toBe('Service a (resources.yaml): `metadata.labels` must be a mapping of labels');
  });
});
