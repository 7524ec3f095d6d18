import { describe, expect, it } from 'vitest';
import { countReads } from '../../testing/count-reads.ts';
import { configMap, functionConfig, objectsOf, runFunction } from '../../testing/run-function.ts';
import { ensureNameSubstring } from './ensure-name-substring.ts';

const head = 'apiVersion: fn.kpt.dev/v1alpha1\nkind: EnsureNameSubstring\n';

function object(kind: string, name: string, rest = '', apiVersion = 'v1'): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n${rest}`;
}

describe('ensure-name-substring names', () => {
  it.each([
    ['prepends', configMap({ prepend: 'p-' }), 'p-a'],
    ['appends', configMap({ append: '-p' }), 'a-p'],
    ['prepends unless told', functionConfig(`${head}substring: p-\n`), 'p-a'],
    ['appends when told', functionConfig(`${head}substring: -p\neditMode: append\n`), 'a-p'],
  ])('%s', (_, config, name) => {
    const run = runFunction(ensureNameSubstring, object('Secret', 'a # why\n'), config);
    expect(run.text).toBe(object('Secret', `${name} # why\n`));
    expect(run.results).toEqual([]);
    expect(runFunction(ensureNameSubstring, run.text, config).text).toBe(run.text);
  });

  it.each([
    ['a name that has it', object('Secret', 'a-p-b')],
    ['a Namespace', object('Namespace', 'a')],
    ['a CustomResourceDefinition', object('CustomResourceDefinition', 'a', '', 'apiextensions.k8s.io/v1')],
    ['an APIService', object('APIService', 'a', '', 'apiregistration.k8s.io/v1')],
    ['a Kptfile', object('Kptfile', 'a', '', 'kpt.dev/v1')],
  ])('leaves %s alone', (_, text) => {
    expect(runFunction(ensureNameSubstring, text, configMap({ prepend: 'p-' })).text).toBe(text);
  });

  it.each([
    ['additionalNameFields', 'spec/names'],
    ['fieldSpecs', '/spec/names'],
  ])('changes fields of %s: %s', (key, path) => {
    const config = functionConfig(`${head}substring: p-\n${key}:\n- {kind: Foo, group: x.io, path: ${path}}\n`);
    const run = runFunction(ensureNameSubstring, object('Foo', 'a', 'spec:\n  names: b\n', 'x.io/v1'), config);
    expect(run.text).toBe(object('Foo', 'p-a', 'spec:\n  names: p-b\n', 'x.io/v1'));
  });

  it.each([
    [undefined, 'function config must be either /v1, Kind=ConfigMap or fn.kpt.dev/v1alpha1, Kind=EnsureNameSubstring'],
    [functionConfig('apiVersion: v1\nkind: Secret\n'), 'but we got: v1, Kind=Secret'],
    [configMap({}), 'only 1 entry is allowed in the ConfigMap, but got: 0'],
    [configMap({ prepend: 'a', append: 'b' }), 'only 1 entry is allowed in the ConfigMap, but got: 2'],
    [configMap({ insert: 'a' }), 'unknown editMode: insert, only prepend and append are allowed'],
    [functionConfig(`${head}substring: a\neditMode: x\n`), 'unknown editMode: x, only prepend and append are allowed'],
    [functionConfig(head), 'substring must not be empty'],
    [
      functionConfig(`${head}substring: a\nfieldSpecs: []\nadditionalNameFields: []\n`),
      '`fieldSpecs` has been deprecated, please rename it to `additionalNameFields`',
    ],
  ])('refuses %#', (config, message) => {
    const run = runFunction(ensureNameSubstring, object('Secret', 'a'), config);
    expect(run.failed).toContain(message);
    expect(run.results[0]).toMatchObject({ severity: 'error' });
    expect(run.text).toBe(object('Secret', 'a'));
  });
});

describe('ensure-name-substring references', () => {
  const config = configMap({ prepend: 'p-' });
  const rbac = 'rbac.authorization.k8s.io/v1';

  function reference(target: string, referrer: string, path: (string | number)[]): string | undefined {
    const run = runFunction(ensureNameSubstring, `${target}---\n${referrer}`, config);
    return objectsOf(run.text)[1]?.getString(path);
  }

  it.each([
    ['ConfigMap', 'v1', 'Pod', 'v1', 'spec: {volumes: [{configMap: {name: x}}]}', 'spec.volumes.0.configMap.name'],
    [
      'ConfigMap',
      'v1',
      'Deployment',
      'apps/v1',
      'spec: {template: {spec: {containers: [{envFrom: [{configMapRef: {name: x}}]}]}}}',
      'spec.template.spec.containers.0.envFrom.0.configMapRef.name',
    ],
    [
      'Secret',
      'v1',
      'CronJob',
      'batch/v1',
      'spec: {jobTemplate: {spec: {template: {spec: {initContainers: [{env: [{valueFrom: {secretKeyRef: {name: x}}}]}]}}}}}',
      'spec.jobTemplate.spec.template.spec.initContainers.0.env.0.valueFrom.secretKeyRef.name',
    ],
    ['Secret', 'v1', 'Ingress', 'networking.k8s.io/v1', 'spec: {tls: [{secretName: x}]}', 'spec.tls.0.secretName'],
    ['Secret', 'v1', 'Role', rbac, 'rules: [{resourceNames: [y, x]}]', 'rules.0.resourceNames.1'],
    ['Service', 'v1', 'StatefulSet', 'apps/v1', 'spec: {serviceName: x}', 'spec.serviceName'],
    [
      'ServiceAccount',
      'v1',
      'Job',
      'batch/v1',
      'spec: {template: {spec: {serviceAccountName: x}}}',
      'spec.template.spec.serviceAccountName',
    ],
    ['ServiceAccount', 'v1', 'RoleBinding', rbac, 'subjects: [{kind: ServiceAccount, name: x}]', 'subjects.0.name'],
    ['ClusterRole', rbac, 'RoleBinding', rbac, 'roleRef: {kind: ClusterRole, name: x}', 'roleRef.name'],
    [
      'Deployment',
      'apps/v1',
      'HorizontalPodAutoscaler',
      'autoscaling/v2',
      'spec: {scaleTargetRef: {kind: Deployment, name: x}}',
      'spec.scaleTargetRef.name',
    ],
    [
      'PersistentVolumeClaim',
      'v1',
      'Pod',
      'v1',
      'spec: {volumes: [{persistentVolumeClaim: {claimName: x}}]}',
      'spec.volumes.0.persistentVolumeClaim.claimName',
    ],
    ['PriorityClass', 'scheduling.k8s.io/v1', 'Pod', 'v1', 'spec: {priorityClassName: x}', 'spec.priorityClassName'],
    [
      'IngressClass',
      'networking.k8s.io/v1',
      'Ingress',
      'networking.k8s.io/v1',
      'spec: {ingressClassName: x}',
      'spec.ingressClassName',
    ],
  ])('to %s %s from %s %s follow', (target, apiVersion, kind, referrerVersion, rest, path) => {
    const steps = path.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    const text = object(kind, 'r', `${rest}\n`, referrerVersion);
    expect(reference(object(target, 'x', '', apiVersion), text, steps)).toBe('p-x');
    expect(reference(object(target, 'other', '', apiVersion), text, steps)).toBe('x');
    expect(reference(object('Foo', 'x', '', 'x.io/v1'), text, steps)).toBe('x');
  });

  it('stay within their namespace', () => {
    const pod = object('Pod', 'r', '  namespace: a\nspec: {serviceAccountName: x}\n');
    const path = ['spec', 'serviceAccountName'];
    expect(reference(object('ServiceAccount', 'x', '  namespace: b\n'), pod, path)).toBe('x');
    expect(reference(object('ServiceAccount', 'x', '  namespace: a\n'), pod, path)).toBe('p-x');
    const binding = object(
      'ClusterRoleBinding',
      'r',
      'subjects: [{kind: ServiceAccount, name: x, namespace: b}]\n',
      rbac,
    );
    expect(reference(object('ServiceAccount', 'x', '  namespace: b\n'), binding, ['subjects', 0, 'name'])).toBe('p-x');
    expect(reference(object('ServiceAccount', 'x', '  namespace: a\n'), binding, ['subjects', 0, 'name'])).toBe('x');
  });

  it('that name an empty namespace are of the one they stand in', () => {
    const binding = object('RoleBinding', 'r', 'subjects: [{kind: ServiceAccount, name: x, namespace: ""}]\n', rbac);
    expect(reference(object('ServiceAccount', 'x'), binding, ['subjects', 0, 'name'])).toBe('p-x');
  });

  it('leave subjects of other kinds alone', () => {
    const binding = object('RoleBinding', 'r', 'subjects: [{kind: User, name: x}]\n', rbac);
    expect(reference(object('ServiceAccount', 'x'), binding, ['subjects', 0, 'name'])).toBe('x');
  });

  it.each([
    ['apps/namespaces/default/Deployment/x', 'apps/namespaces/default/Deployment/p-x'],
    ['apps/namespaces/default/Deployment/x,/Node/n', 'apps/namespaces/default/Deployment/p-x,/Node/n'],
    ['apps/namespaces/other/Deployment/x', 'apps/namespaces/other/Deployment/x'],
    ['nonsense', 'nonsense'],
  ])('in depends-on: %s becomes %s', (before, after) => {
    const text = object('Secret', 'r', `  annotations:\n    config.kubernetes.io/depends-on: ${before}\n`);
    const path = ['metadata', 'annotations', 'config.kubernetes.io/depends-on'];
    expect(reference(object('Deployment', 'x', '', 'apps/v1'), text, path)).toBe(after);
  });
});

it('does not look through all namesakes of an object for each reference', () => {
  const dependent = (index: number) =>
    object(
      'ConfigMap',
      'a',
      `  namespace: n${index}\n  annotations:\n    config.kubernetes.io/depends-on: /namespaces/n${index}/ConfigMap/a\n`,
    );
  const items = objectsOf(Array.from({ length: 300 }, (_, index) => dependent(index)).join('---\n'));
  const reads = countReads(items, 'namespace');
  ensureNameSubstring.run({ items, config: configMap({ prepend: 'p-' }) });
  expect(items.map((item) => item.annotation('config.kubernetes.io/depends-on'))).toEqual(
    items.map((_, index) => `/namespaces/n${index}/ConfigMap/p-a`),
  );
  expect(reads()).toBeLessThan(5000);
});
