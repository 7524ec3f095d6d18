import { expect, it } from 'vitest';
import { runFunction } from '../../testing/run-function.ts';
import { enableGcpServices } from './enable-gcp-services.ts';

function serviceSet(services: string, more = '', name = 'apis'): string {
  return (
    `apiVersion: blueprints.cloud.google.com/v1alpha1\nkind: ProjectServiceSet\nmetadata:\n  name: ${name}\n${more}` +
    `spec:\n  services: [${services}]\n  projectID: shop\n`
  );
}

function service(short: string, more = '', path = short): string {
  return (
    `apiVersion: serviceusage.cnrm.cloud.google.com/v1beta1\nkind: Service\nmetadata:\n  name: apis-${short}\n` +
    `  annotations:\n    blueprints.cloud.google.com/ownerReference: blueprints.cloud.google.com/ProjectServiceSet/apis\n` +
    `${more}spec:\n  resourceID: ${path}.googleapis.com\n  projectRef:\n    external: shop\n`
  );
}

const local = '  annotations:\n    config.kubernetes.io/local-config: "true"\n';
const ref = (name: string) => ({ apiVersion: 'serviceusage.cnrm.cloud.google.com/v1beta1', kind: 'Service', name });
const file = (name: string) => ({ path: `service_${name}.yaml` });

it('generates a Service for each service', () => {
  const run = runFunction(enableGcpServices, serviceSet('compute.googleapis.com, redis.googleapis.com', local));
  expect(run.text).toBe(
    [serviceSet('compute.googleapis.com, redis.googleapis.com', local), service('compute'), service('redis')].join(
      '---\n',
    ),
  );
  expect(run.items?.map(({ path }) => path)).toEqual([
    'resources.yaml',
    'service_apis-compute.yaml',
    'service_apis-redis.yaml',
  ]);
  expect(run.results).toEqual([
    { message: 'generated service', severity: 'info', resourceRef: ref('apis-compute'), file: file('apis-compute') },
    { message: 'generated service', severity: 'info', resourceRef: ref('apis-redis'), file: file('apis-redis') },
  ]);
});

it('marks the set as not for the cluster', () => {
  const run = runFunction(enableGcpServices, serviceSet('compute.googleapis.com'));
  expect(run.text).toContain('  annotations:\n    config.kubernetes.io/local-config: "true"\n');
  expect(run.items?.[1]?.annotations).not.toHaveProperty('config.kubernetes.io/local-config');
});

it('hands on annotations and namespace, and puts Services beside the set', () => {
  const text = serviceSet('compute.googleapis.com', `  namespace: ns\n${local}    team: a\n`);
  const run = runFunction(enableGcpServices, text, undefined, 'gcp/set.yaml');
  const [, added] = run.items ?? [];
  expect(added?.path).toBe('gcp/ns/service_apis-compute.yaml');
  expect(added?.toJS()).toMatchObject({
    metadata: {
      namespace: 'ns',
      annotations: {
        team: 'a',
        'blueprints.cloud.google.com/ownerReference': 'blueprints.cloud.google.com/ProjectServiceSet/apis',
      },
    },
  });
  expect(run.results[0]?.resourceRef?.namespace).toBe('ns');
});

it('leaves out the project where the set names none', () => {
  const text = serviceSet('compute.googleapis.com', local).replace('  projectID: shop\n', '');
  expect(runFunction(enableGcpServices, text).items?.[1]?.get(['spec'])).toEqual({
    resourceID: 'compute.googleapis.com',
  });
});

it('updates its Services with their comments, removes others of its own, and leaves the rest alone', () => {
  const other = service('dns').replaceAll('/apis', '/others');
  const before = [
    serviceSet('compute.googleapis.com', local),
    service('compute').replace('external: shop', 'external: old # where'),
    service('redis'),
    other,
  ].join('---\n');
  const run = runFunction(enableGcpServices, before);
  expect(run.text).toBe(
    [
      serviceSet('compute.googleapis.com', local),
      other,
      service('compute').replace('external: shop', 'external: shop # where'),
    ].join('---\n'),
  );
  expect(run.results.map(({ message, resourceRef }) => [message, resourceRef?.name])).toEqual([
    ['recreated service', 'apis-compute'],
    ['pruned service', 'apis-redis'],
  ]);
});

it('has nothing to do without a set', () => {
  expect(runFunction(enableGcpServices, service('dns'))).toMatchObject({ text: service('dns'), results: [] });
});

it.each([
  ['no service', serviceSet(''), 'at least one service must be specified under `spec.services[]`'],
  ['a short name', serviceSet('compute'), 'invalid service specified: compute'],
  ['a mapping', serviceSet('{a: b}'), 'invalid service specified: '],
])('refuses %s', (_, text, reason) => {
  const run = runFunction(enableGcpServices, `${serviceSet('dns.googleapis.com', '', 'fine')}---\n${text}`);
  expect(run).toMatchObject({ failed: reason, items: undefined });
  expect(run.results).toEqual([{ message: `failed to add services: ${reason}`, severity: 'error' }]);
  expect(run.text).toContain(text);
});
