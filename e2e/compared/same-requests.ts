import type { SentRequest } from './both-servers.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles';
const none = `${configMaps}?fieldSelector=metadata.name%3Dnone`;

const read = (path: string, accept?: string): SentRequest => ({
  method: 'GET',
  path,
  ...(accept === undefined ? {} : { headers: { accept } }),
});
const create = (body: unknown, query = '?dryRun=All', type = 'application/json'): SentRequest => ({
  method: 'POST',
  path: `${configMaps}${query}`,
  type,
  body,
});
const replace = (body: unknown, query = '?dryRun=All'): SentRequest => ({
  method: 'PUT',
  path: `${configMaps}/own-a${query}`,
  body,
});
const patch = (form: string, body: unknown, query = '?dryRun=All'): SentRequest => ({
  method: 'PATCH',
  path: `${configMaps}/own-a${query}`,
  type: `application/${form}`,
  body,
});
const remove = (body?: unknown, query = '?dryRun=All', name = '/own-a'): SentRequest => ({
  method: 'DELETE',
  path: `${configMaps}${name}${query}`,
  ...(body === undefined ? {} : { body }),
});

const json = 'json-patch+json';
const merge = 'merge-patch+json';
const strategic = 'strategic-merge-patch+json';
const apply = 'apply-patch+yaml';
const named = (metadata: object, fields: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'own-a', ...metadata },
  ...fields,
});

const requests: Readonly<Record<string, readonly SentRequest[]>> = {
  'paths and methods': [
    read('/api/v1/namespaces/default/'),
    read('/api/v1/namespaces/none/configmaps'),
    read('/api/v1/none'),
    read('/apis/none/v1'),
    read(`${configMaps}/own-a/status`),
    read('/api/v1/namespaces/default/namespaces'),
    { method: 'POST', path: '/api/v1/configmaps', body: {} },
    { method: 'PUT', path: configMaps, body: {} },
    { method: 'DELETE', path: '/api/v1/namespaces' },
    { method: 'POST', path: '/version', body: {} },
  ],
  'options of lists': [
    ...['limit=-1', 'limit=abc', 'limit=1.5', 'limit=', 'timeoutSeconds=x', 'timeout=x', 'timeout=1'],
    ...['resourceVersion=x', 'resourceVersion=-1', 'resourceVersion=99999999', 'resourceVersionMatch=Exact'],
    ...['resourceVersionMatch=x&resourceVersion=1', 'resourceVersionMatch=Exact&resourceVersion=0'],
    ...['continue=abc', 'continue=e30', 'sendInitialEvents=true', 'sendInitialEvents=false'],
    ...['watch=1&sendInitialEvents=true', 'watch=1&resourceVersionMatch=NotOlderThan'],
    ...['watch=1&sendInitialEvents=1&resourceVersionMatch=Exact', 'watch=1&timeoutSeconds=x'],
  ].map((query) => read(`${none}&${query}`)),
  selectors: [
    ...['a', 'a=b', 'metadata.name', 'metadata.name%3D%3D%3D', ',', 'metadata.name%3Dx%5Cq'].map(
      (selector) => `fieldSelector=${selector}`,
    ),
    ...[
      'a=b=c',
      'a in',
      'a in (b',
      'a in ()',
      ',',
      'a,',
      '=b',
      '!',
      'a>b',
      'a>1',
      'a/b/c=1',
      '-a=1',
      'x=-a',
      'a b',
    ].map((selector) => `labelSelector=${encodeURIComponent(selector)}`),
  ].map((query) => read(`${configMaps}?${query}`)),
  'media types': [
    ...['text/html', 'text/*', 'foo', 'application/cbor', 'application/json;as=Table', 'application/json'],
    ...['application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io', 'application/yaml', '*/*'],
  ].map((accept) => read(none, accept)),
  creation: [
    create(''),
    create('{'),
    create('[]'),
    create({}),
    create({ metadata: { name: 'x' } }),
    create({ kind: 'Secret', metadata: { name: 'x' } }),
    create({ apiVersion: 'v2', metadata: { name: 'x' } }),
    create(named({ name: 'Upper' })),
    create(named({ name: 'x', namespace: 'other' })),
    create(named({ name: 'x', resourceVersion: '0' })),
    create(named({})),
    create(named({ name: 'x', labels: { 'a b': 'c' } })),
    create(named({ name: 'x', labels: { a: 1 } })),
    create(named({ name: 'x', ownerReferences: [{}] })),
    create(named({ name: 'x', finalizers: ['orphan', 'foregroundDeletion'] })),
    create(named({ name: 'x' }), '?dryRun='),
    create(named({ name: 'x' }), '?dryRun=some'),
    create(named({ name: 'x' }), '?dryRun=All&fieldValidation=Most'),
    create(named({ name: 'x' }), `?dryRun=All&fieldManager=${'x'.repeat(129)}`),
    create(named({ name: 'x' }, { more: 1 }), '?dryRun=All&fieldValidation=Strict'),
    create(named({ name: 'x' }, { more: 1 })),
    create('{"metadata":{"name":"x"},"data":{"a":"1","a":"2"}}', '?dryRun=All&fieldValidation=Strict'),
    create(named({ name: 'x' }, { data: { a: 1 } })),
    create(named({ name: 'x' }, { binaryData: { a: '!' } })),
    create(named({ name: 'x' }), '?dryRun=All', 'text/plain'),
  ],
  replacement: [
    replace(named({})),
    replace(named({ resourceVersion: '0' })),
    replace(named({ resourceVersion: '1' })),
    replace(named({ name: 'own-b' })),
    replace(named({ namespace: 'other' })),
    replace(named({ uid: 'other' })),
    replace(named({ deletionTimestamp: '2020-01-01T00:00:00Z' })),
    replace(named({ deletionGracePeriodSeconds: 5 })),
    replace({ metadata: {} }),
  ],
  'replacement of what is not there': [
    ...[{}, { uid: 'other' }, { resourceVersion: '1' }].map(
      (metadata): SentRequest => ({
        method: 'PUT',
        path: `${roles}/none?dryRun=All`,
        body: { metadata: { name: 'none', ...metadata }, rules: [] },
      }),
    ),
  ],
  patches: [
    patch(json, [{ op: 'test', path: '/kind', value: 'x' }]),
    patch(json, [{ op: 'test', path: '/metadata/labels', value: null }]),
    patch(json, [{ op: 'test', path: '/metadata/labels/none', value: null }]),
    patch(json, [{ op: 'replace', path: '/metadata/labels', value: {} }]),
    patch(json, [{ op: 'replace', path: '/metadata/labels/none', value: 'x' }]),
    patch(json, [{ op: 'remove', path: '/none' }]),
    patch(json, [{ op: 'replace', path: '/metadata/name', value: 'x' }]),
    patch(json, [{ op: 'replace', path: '/metadata/namespace', value: 'x' }]),
    patch(json, [{ op: 'add', path: '/kind', value: 'Secret' }]),
    patch(json, {}),
    patch(json, '{'),
    patch(json, [{ op: 'add', path: '/more', value: 1 }], '?dryRun=All&fieldValidation=Strict'),
    patch(json, [{ op: 'add', path: '/metadata/labels', value: {}, more: 1 }], '?dryRun=All&fieldValidation=Strict'),
    patch(merge, []),
    patch(merge, 'null'),
    patch(merge, {}),
    patch(merge, { more: 1 }),
    patch(merge, { more: 1 }, '?dryRun=All&fieldValidation=Strict'),
    patch(merge, { metadata: { uid: 'other' } }),
    patch(merge, { metadata: { resourceVersion: '1' } }),
    patch(merge, { metadata: { resourceVersion: '0' } }),
    patch(merge, { data: 'x' }),
    patch(merge, {}, '?dryRun=All&force=true'),
    patch(strategic, []),
    patch(strategic, { metadata: { ownerReferences: [{ $patch: 'delete', uid: 'none' }] } }),
    patch('json', {}),
    patch(apply, named({})),
    patch(apply, named({}), '?dryRun=All&fieldManager=me'),
    patch(apply, named({ managedFields: [] }), '?dryRun=All&fieldManager=me'),
    patch(apply, named({ name: 'own-b' }), '?dryRun=All&fieldManager=me'),
    patch(apply, named({ resourceVersion: '1' }), '?dryRun=All&fieldManager=me'),
    patch(apply, named({ uid: 'other' }), '?dryRun=All&fieldManager=me'),
    patch(apply, { metadata: { name: 'own-a' } }, '?dryRun=All&fieldManager=me'),
    patch(apply, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'own-a' } }, '?dryRun=All&fieldManager=me'),
  ],
  deletion: [
    remove(),
    remove(undefined, '?dryRun=some'),
    remove({ dryRun: ['some'] }, ''),
    remove({ dryRun: ['All'], preconditions: { uid: 'other' } }, ''),
    remove({ dryRun: ['All'], preconditions: { resourceVersion: '1' } }, ''),
    remove(undefined, '?dryRun=All&propagationPolicy=Most'),
    remove(undefined, '?dryRun=All&propagationPolicy='),
    remove({ dryRun: ['All'], propagationPolicy: '' }, ''),
    remove({ propagationPolicy: 'Orphan', orphanDependents: true }, ''),
    remove(undefined, '?dryRun=All&gracePeriodSeconds=x'),
    remove(undefined, '?dryRun=All', '/none'),
    { ...remove(), headers: { 'content-type': 'text/plain' } },
    remove({ kind: '', apiVersion: null, dryRun: ['All'] }, ''),
    remove(undefined, '?dryRun=All&labelSelector=a%20in', ''),
    remove(undefined, '?dryRun=All&labelSelector=none&limit=x', ''),
    remove(undefined, '?dryRun=All&labelSelector=none', ''),
  ],
};

/** Requests about which clients must not be able to tell one server from the other; none of them changes anything. */
export const sameRequests: readonly (readonly [string, SentRequest])[] = Object.entries(requests).flatMap(
  ([about, ones]) =>
    ones.map((request): [string, SentRequest] => {
      const { method, path, type = '', headers = {}, body } = request;
      const said = body === undefined ? '' : JSON.stringify(body).slice(0, 90);
      return [[about, method, path.slice(0, 160), type, headers['accept'] ?? '', said].join(' '), request];
    }),
);
