import { expect, it } from 'vitest';
import { objectsOf, runFunction } from '../../testing/run-function.ts';
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
    ['pruned service', 'apis-redis'],
    ['recreated service', 'apis-compute'],
  ]);
});

it('leaves what a Service says of what it was upstream', () => {
  const existing = service('compute', "    internal.kpt.dev/upstream-identifier: 'x|Service|~C|a' # as read\n");
  const text = `${serviceSet('compute.googleapis.com', local)}---\n${existing}`;
  expect(runFunction(enableGcpServices, text).text).toBe(text);
});

it('reports by file, then by object', () => {
  const text = [serviceSet('redis.googleapis.com, compute.googleapis.com', local), service('dns')].join('---\n');
  expect(
    runFunction(enableGcpServices, text, undefined, 't.yaml').results.map(({ message, file }) => [message, file?.path]),
  ).toEqual([
    ['generated service', 'service_apis-compute.yaml'],
    ['generated service', 'service_apis-redis.yaml'],
    ['pruned service', 't.yaml'],
  ]);
});

it('makes one Service of a service that is listed twice, also through an alias', () => {
  const text = serviceSet('&c compute.googleapis.com, compute.googleapis.com, *c', local);
  const run = runFunction(enableGcpServices, text);
  expect(run.text).toBe(`${text}---\n${service('compute')}`);
  expect(run.results).toHaveLength(1);
});

it('removes all but one of several Services of the same name', () => {
  const text = serviceSet('compute.googleapis.com', local);
  const run = runFunction(enableGcpServices, [text, service('compute'), service('compute')].join('---\n'));
  expect(run.text).toBe([text, service('compute')].join('---\n'));
  expect(run.results.map(({ message }) => message)).toEqual(['pruned service', 'recreated service']);
});

it('keeps apart sets of the same name in other namespaces', () => {
  const inNamespace = '  namespace: ns\n';
  const first = runFunction(
    enableGcpServices,
    [serviceSet('compute.googleapis.com', local), serviceSet('dns.googleapis.com', inNamespace + local)].join('---\n'),
  );
  const again = runFunction(enableGcpServices, first.text);
  expect(again.text).toBe(first.text);
  expect(again.results.map(({ message }) => message)).toEqual(['recreated service', 'recreated service']);
});

it('keeps apart packages', () => {
  const items = ['', 'db'].flatMap((packagePath) =>
    objectsOf(serviceSet('compute.googleapis.com', local)).map((object) => Object.assign(object, { packagePath })),
  );
  const first = enableGcpServices.run({ items, config: undefined });
  const again = enableGcpServices.run({ items: first.items ?? [], config: undefined });
  expect(again.items).toEqual(first.items);
  expect(again.items?.map(({ packagePath }) => packagePath)).toEqual(['', 'db', '', 'db']);
  expect(again.results.map(({ message }) => message)).toEqual(['recreated service', 'recreated service']);
});

it('leaves alone what is no Service, and does not say of its own what the set was upstream', () => {
  const set = serviceSet(
    'compute.googleapis.com',
    `${local}    internal.kpt.dev/upstream-identifier: blueprints.cloud.google.com|ProjectServiceSet|~C|apis\n`,
  );
  const other = service('dns').replace(/apiVersion.*\nkind.*/, 'apiVersion: v1\nkind: ConfigMap');
  expect(runFunction(enableGcpServices, `${set}---\n${other}`).text).toBe(
    [set, other, service('compute')].join('---\n'),
  );
});

it('has nothing to do without a set', () => {
  expect(runFunction(enableGcpServices, service('dns'))).toMatchObject({ text: service('dns'), results: [] });
});

it.each([
  ['no service', serviceSet(''), 'at least one service must be specified under `spec.services[]`'],
  ['a short name', serviceSet('compute'), 'invalid service specified: compute'],
  ['a mapping', serviceSet('{a: b}'), 'invalid service specified: '],
  ['a name with an empty part', serviceSet('.googleapis.com'), 'invalid service specified: .googleapis.com'],
  ['a name with a slash', serviceSet('"../x.y.z"'), 'invalid service specified: ../x.y.z'],
  [
    'two services whose Services would have the same name',
    serviceSet('compute.googleapis.com, compute.example.com'),
    'the services compute.googleapis.com and compute.example.com would have the same name apis-compute',
  ],
  [
    'a service whose Service another set has',
    serviceSet('api-dns.googleapis.com', '', 'fine').replace('fine', 'x').replace('api-dns', 'fine-dns') +
      `---\n${serviceSet('dns.googleapis.com', '', 'x-fine')}`,
    'the services fine-dns.googleapis.com and dns.googleapis.com would have the same name x-fine-dns',
  ],
  [
    'a mapping as project',
    serviceSet('compute.googleapis.com').replace('projectID: shop', 'projectID: {a: b}'),
    '`spec.projectID` must be a text',
  ],
])('refuses %s', (_, text, reason) => {
  const run = runFunction(enableGcpServices, `${serviceSet('dns.googleapis.com', '', 'fine')}---\n${text}`);
  expect(run).toMatchObject({ failed: reason, items: undefined });
  expect(run.results).toMatchObject([
    {
      message: `failed to add services: ${reason}`,
      severity: 'error',
      resourceRef: { kind: 'ProjectServiceSet' },
      file: { path: 'resources.yaml' },
    },
  ]);
  expect(run.text).toContain(text);
});
