import { describe, expect, it } from 'vitest';
import { configMap, functionConfig, runFunction } from '../../testing/run-function.ts';
import { setNamespace } from './set-namespace.ts';

const upToDate = 'all `depends-on` annotations are up-to-date. no `namespace` changed';

function object(kind: string, metadata: string, rest = '', apiVersion = 'v1'): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n${metadata}${rest}`;
}

describe('set-namespace configuration', () => {
  const service = object('Service', '  name: a\n  namespace: old # here\n');
  const replaced = service.replace('old', 'new');

  it.each([
    ['ConfigMap', configMap({ namespace: 'new' })],
    ['package context', configMap({ name: 'new' }, 'kptfile.kpt.dev')],
    ['package context with a namespace', configMap({ name: 'x', namespace: 'new' }, 'kptfile.kpt.dev')],
    ['SetNamespace', functionConfig('apiVersion: fn.kpt.dev/v1alpha1\nkind: SetNamespace\nnamespace: new\n')],
    [
      'SetNamespace with a matcher',
      functionConfig('apiVersion: fn.kpt.dev/v1alpha1\nkind: SetNamespace\nnamespace: new\nnamespaceMatcher: old\n'),
    ],
  ])('takes a %s', (_, config) => {
    const run = runFunction(setNamespace, service, config);
    expect(run.text).toBe(replaced);
    expect(run.results).toEqual([
      { message: 'namespace [old] updated to "new", 1 value(s) changed', severity: 'info' },
      { message: upToDate, severity: 'info' },
    ]);
  });

  it.each([
    ['nothing', undefined, 'FunctionConfig is missing. Expect `ConfigMap.v1` or `SetNamespace.v1alpha1.fn.kpt.dev`'],
    ['no namespace', configMap({}), '`data.namespace` should not be empty'],
    ['a name in another ConfigMap', configMap({ name: 'new' }), '`data.namespace` should not be empty'],
    ['an empty package context', configMap({}, 'kptfile.kpt.dev'), '`data.name` should not be empty'],
    [
      'an empty SetNamespace',
      functionConfig('apiVersion: fn.kpt.dev/v1alpha1\nkind: SetNamespace\n'),
      '`namespace` should not be empty',
    ],
    [
      'another kind',
      functionConfig('apiVersion: v1\nkind: Secret\n'),
      'unknown functionConfig Kind=Secret ApiVersion=v1, expect `ConfigMap.v1` or `SetNamespace.v1alpha1.fn.kpt.dev`',
    ],
  ])('reports %s as an error and succeeds', (_, config, message) => {
    const run = runFunction(setNamespace, service, config);
    expect(run.text).toBe(service);
    expect(run.failed).toBeUndefined();
    expect(run.results).toHaveLength(1);
    expect(run.results[0]).toMatchObject({ message, severity: 'error' });
  });
});

describe('set-namespace', () => {
  const config = configMap({ namespace: 'new' });

  it.each([
    ['a namespaced kind without a namespace', object('Service', '  name: a\n'), '[default]', '  namespace: new\n'],
    ['a Namespace', object('Namespace', '  name: old\n'), '[old]', '  name: new\n'],
    [
      'a custom resource with one',
      object('Foo', '  name: a\n  namespace: old\n', '', 'x.io/v1'),
      '[old]',
      'namespace: new\n',
    ],
    [
      'the subjects of a ClusterRoleBinding',
      object(
        'ClusterRoleBinding',
        '  name: a\n',
        'subjects:\n- kind: User\n  name: u\n- name: s\n  namespace: old\n',
        'rbac.authorization.k8s.io/v1',
      ),
      '[old]',
      '- name: s\n  namespace: new\n',
    ],
    [
      'the service of an APIService',
      object(
        'APIService',
        '  name: a\n',
        'spec:\n  service:\n    name: s\n    namespace: old\n',
        'apiregistration.k8s.io/v1',
      ),
      '[old]',
      '    namespace: new\n',
    ],
    [
      'the webhook of a CustomResourceDefinition',
      object(
        'CustomResourceDefinition',
        '  name: a\n',
        'spec:\n  conversion:\n    webhook:\n      clientConfig:\n        service:\n          name: s\n          namespace: old\n',
        'apiextensions.k8s.io/v1',
      ),
      '[old]',
      '          namespace: new\n',
    ],
  ])('sets %s', (_, text, old, expected) => {
    const run = runFunction(setNamespace, text, config);
    expect(run.text).toContain(expected);
    expect(run.messages).toEqual([`namespace ${old} updated to "new", 1 value(s) changed`, upToDate]);
  });

  it('names the namespace that resources without one are in', () => {
    const text = object('Service', '  name: a\n');
    const run = runFunction(setNamespace, text, configMap({ namespace: 'default' }));
    expect(run.text).toBe(`${text}  namespace: default\n`);
    expect(run.messages).toEqual(['all matching namespaces are already "default". no value changed', upToDate]);
    const other = configMap({ namespace: 'default', namespaceMatcher: 'old' });
    expect(runFunction(setNamespace, text, other).text).toBe(text);
  });

  it.each([
    [
      'local configuration',
      object('Service', '  name: a\n  namespace: old\n  annotations:\n    config.kubernetes.io/local-config: "true"\n'),
    ],
    ['a custom resource without a namespace', object('Foo', '  name: a\n', '', 'x.io/v1')],
    ['a ClusterRole', object('ClusterRole', '  name: a\n', '', 'rbac.authorization.k8s.io/v1')],
    [
      'a ClusterRole that names a namespace',
      object('ClusterRole', '  name: a\n  namespace: x\n', '', 'rbac.authorization.k8s.io/v1'),
    ],
    [
      'a CustomResourceDefinition without a webhook',
      object('CustomResourceDefinition', '  name: a\n', 'spec:\n  group: x\n', 'apiextensions.k8s.io/v1'),
    ],
    [
      'an APIService of the API server itself',
      object('APIService', '  name: a\n', 'spec:\n  group: x\n', 'apiregistration.k8s.io/v1'),
    ],
    ['a resource that is there already', object('Service', '  name: a\n  namespace: new\n')],
  ])('leaves %s alone', (_, text) => {
    const run = runFunction(setNamespace, text, config);
    expect(run.text).toBe(text);
    expect(run.messages).toEqual(['all matching namespaces are already "new". no value changed', upToDate]);
  });

  it('leaves subjects of a RoleBinding alone, as kpt does, and moves the binding', () => {
    const text = object(
      'RoleBinding',
      '  name: a\n  namespace: old\n',
      'subjects:\n- name: s\n  namespace: old\n',
      'rbac.authorization.k8s.io/v1',
    );
    expect(runFunction(setNamespace, text, config).text).toBe(text.replace('  namespace: old\n', '  namespace: new\n'));
  });

  it('lists every old namespace once, sorted', () => {
    const text = ['b', 'a', 'b'].map((ns) => object('Service', `  name: x\n  namespace: ${ns}\n`)).join('---\n');
    expect(runFunction(setNamespace, text, config).messages[0]).toBe(
      'namespace [a b] updated to "new", 3 value(s) changed',
    );
  });

  it('with a matcher replaces only what is, or upstream was, in that namespace', () => {
    const identifier = '  annotations:\n    internal.kpt.dev/upstream-identifier: "|Service|old|a"\n';
    const text = [
      object('Service', '  name: a\n  namespace: moved\n' + identifier),
      object('Service', '  name: b\n  namespace: old\n'),
      object('Service', '  name: c\n  namespace: other\n'),
      object('Service', '  name: d\n'),
    ].join('---\n');
    const run = runFunction(setNamespace, text, configMap({ namespace: 'new', namespaceMatcher: 'old' }));
    expect(run.text).toBe(text.replace('moved', 'new').replace('namespace: old', 'namespace: new'));
    expect(run.messages[0]).toBe('namespace [moved old] updated to "new", 2 value(s) changed');
  });

  it('lets depends-on annotations follow the objects of the package', () => {
    const dependsOn = (value: string) => `  annotations:\n    config.kubernetes.io/depends-on: ${value}\n`;
    const text = [
      object('Deployment', '  name: db\n  namespace: old\n', '', 'apps/v1'),
      object(
        'Service',
        '  name: a\n  namespace: old\n' + dependsOn('apps/namespaces/old/Deployment/db, /namespaces/old/Pod/far'),
      ),
    ].join('---\n');
    const run = runFunction(setNamespace, text, config);
    expect(run.text).toContain('depends-on: apps/namespaces/new/Deployment/db, /namespaces/old/Pod/far');
    expect(run.messages).toEqual([
      'namespace [old] updated to "new", 2 value(s) changed',
      '`depends-on` annotation namespace [old] updated to "new", 1 value(s) changed',
    ]);
  });
});
