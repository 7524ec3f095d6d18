import { describe, expect, test } from 'vitest';
import { fieldErrorMessage } from '../meta/field-error.ts';
import type { KubernetesObject } from '../meta/object.ts';
import { validateObjectMeta } from '../meta/validate-metadata.ts';
import type { RequestContext } from '../registry/resource.ts';
import { decodeObject } from '../schema/decode.ts';
import { type ConfigMap, configMapKind } from './config-map.ts';
import type { Event } from './event.ts';
import { eventKind } from './event-kind.ts';
import { eventV1Kind } from './event-v1-kind.ts';
import { type Lease, leaseKind } from './lease.ts';
import type { ResourceKind } from './resource-kind.ts';
import { serviceAccountKind } from './service-account.ts';

const context = {} as RequestContext;
const base64 = (text: string) => Buffer.from(text).toString('base64');

function refusals<T extends KubernetesObject>({ strategy }: ResourceKind<T>, object: T, old?: T): string[] {
  const errors =
    old === undefined ? strategy.validate?.(context, object) : strategy.validateUpdate?.(context, object, old);
  return (errors ?? []).map(fieldErrorMessage);
}

const configMap = (fields: Partial<ConfigMap>): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', namespace: 'default' },
  ...fields,
});

describe('config maps', () => {
  test('keys are valid, and stand in one place', () => {
    expect(refusals(configMapKind, configMap({ data: { 'a.b': '1' }, binaryData: { c: base64('2') } }))).toEqual([]);
    expect(refusals(configMapKind, configMap({ data: { 'a/b': '1' } }))).toEqual([
      expect.stringContaining('data[a/b]: Invalid value: "a/b": a valid key has'),
    ]);
    expect(refusals(configMapKind, configMap({ data: { a: '1' }, binaryData: { a: base64('2') } }))).toEqual([
      'data[a]: Invalid value: "a": duplicate of key present in binaryData',
    ]);
    expect(refusals(configMapKind, configMap({ binaryData: { a: '!' } }))).toEqual([
      'binaryData[a]: Invalid value: "!": must be base64',
    ]);
  });

  test('all values together have a megabyte at most', () => {
    const half = 'ü'.repeat(256 * 1024);
    expect(refusals(configMapKind, configMap({ data: { a: half, b: half } }))).toEqual([]);
    expect(refusals(configMapKind, configMap({ data: { a: half, b: half, c: 'x' } }))).toHaveLength(1);
  });

  test('what is immutable stays', () => {
    const old = configMap({ immutable: true, data: { a: '1' } });
    expect(refusals(configMapKind, configMap({ immutable: true, data: { a: '1' } }), old)).toEqual([]);
    expect(refusals(configMapKind, configMap({ data: { a: '2' } }), old)).toEqual([
      'immutable: Forbidden: field is immutable when `immutable` is set',
      'data: Forbidden: field is immutable when `immutable` is set',
    ]);
  });
});

const event = (fields: Partial<Event>): Event => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'e', namespace: 'default' },
  involvedObject: { kind: 'Repository', name: 'git', namespace: 'default' },
  ...fields,
});

describe('events', () => {
  test.each(['system:node-proxier.17a3c2', `${'n'.repeat(253)}.17a3c2`, 'Upper.1'])(
    'have names after those of other objects: %s',
    (name) => {
      const { nameErrors } = eventKind;
      const metadata = { name, namespace: 'default' };
      expect(
        validateObjectMeta(metadata, { namespaced: true, ...(nameErrors === undefined ? {} : { nameErrors }) }),
      ).toEqual([]);
      expect(eventKind.nameErrors?.('a/b')).toHaveLength(1);
    },
  );

  test('are in the namespace of what they are about', () => {
    expect(refusals(eventKind, event({}))).toEqual([]);
    expect(refusals(eventKind, event({ involvedObject: { kind: 'Namespace', name: 'team-a' } }))).toEqual([]);
    expect(refusals(eventKind, event({ involvedObject: { namespace: 'other' } }))).toEqual([
      'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
    ]);
  });

  test('are selected by what they are about', () => {
    const fields = eventKind.selectableFields?.of(event({ type: 'Warning', source: { component: 'porch' } }));
    expect(fields).toMatchObject({
      'involvedObject.kind': 'Repository',
      'involvedObject.name': 'git',
      'involvedObject.uid': '',
      type: 'Warning',
      source: 'porch',
    });
    expect(eventKind.selectableFields?.known('involvedObject.fieldPath')).toBe(true);
    expect(eventKind.selectableFields?.known('message')).toBe(false);
  });

  test('are shown with the object and the time they last happened', () => {
    const cells = eventKind.table.cells(
      event({ reason: 'Synced', message: ' done\n', lastTimestamp: '2026-01-02T03:04:05Z', count: 3 }),
    );
    expect(cells[0]).toMatchObject({ time: '2026-01-02T03:04:05Z' });
    expect(cells.slice(2)).toEqual(['Synced', 'repository/git', '', '', 'done', { time: '' }, 3, 'e']);
    expect(eventKind.table.columns).toHaveLength(cells.length);
    const reported = eventKind.table.cells(event({ reportingComponent: 'porch', reportingInstance: 'porch-1' }));
    expect(reported[5]).toBe('porch, porch-1');
  });
});

test('leases last for a while', () => {
  const lease = (spec: Lease['spec']): Lease => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'l', namespace: 'default' },
    ...(spec === undefined ? {} : { spec }),
  });
  expect(refusals(leaseKind, lease({ leaseDurationSeconds: 15, leaseTransitions: 0 }))).toEqual([]);
  expect(refusals(leaseKind, lease({ leaseDurationSeconds: 0, leaseTransitions: -1 }))).toHaveLength(2);
  expect(leaseKind.table.cells(lease({ holderIdentity: 'a' }))[1]).toBe('a');
});

test('service accounts show how many secrets they have', () => {
  const cells = serviceAccountKind.table.cells({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 's' },
    secrets: [{ name: 'a' }],
  });
  expect(cells.slice(0, 2)).toEqual(['s', '1']);
});

test('lists and maps of nothing are dropped', () => {
  const decoded = (kind: ResourceKind<KubernetesObject>, fields: object): string[] => {
    const { apiVersion, metadata } = configMap({});
    const body = Buffer.from(JSON.stringify({ apiVersion, kind: kind.kind, metadata, ...fields }));
    return Object.keys(decodeObject(kind, body, 'json').object);
  };
  const identity = ['apiVersion', 'kind', 'metadata'];
  expect(decoded(configMapKind as ResourceKind<KubernetesObject>, { data: {}, binaryData: {} })).toEqual(identity);
  const account = serviceAccountKind as ResourceKind<KubernetesObject>;
  expect(decoded(account, { secrets: [], imagePullSecrets: [] })).toEqual(identity);
});

describe('times to the microsecond', () => {
  const decode = (kind: ResourceKind<Lease> | ResourceKind<Event>, object: object): object =>
    decodeObject(kind as ResourceKind<KubernetesObject>, Buffer.from(JSON.stringify(object)), 'json').object;

  test.each([
    ['2026-01-02T03:04:05.678901Z', '2026-01-02T03:04:05.678901Z'],
    ['2026-01-02T03:04:05.000000Z', '2026-01-02T03:04:05.000000Z'],
    ['2026-01-02T04:04:05.67+01:00', '2026-01-02T03:04:05.670000Z'],
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000000Z'],
    ['2026-01-02T03:04:05.123456789Z', '2026-01-02T03:04:05.123456Z'],
  ])('%s is kept as clients in Go read it, with six digits: %s', (sent, kept) => {
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec: { acquireTime: sent, renewTime: sent } };
    expect(decode(leaseKind, lease)).toMatchObject({ spec: { acquireTime: kept, renewTime: kept } });
    const series = { count: 2, lastObservedTime: sent };
    const happened = {
      apiVersion: 'v1',
      kind: 'Event',
      involvedObject: {},
      eventTime: sent,
      lastTimestamp: sent,
      series,
    };
    expect(decode(eventKind, happened)).toMatchObject({
      eventTime: kept,
      lastTimestamp: '2026-01-02T03:04:05Z',
      series: { lastObservedTime: kept },
    });
    const { involvedObject: _, lastTimestamp: __, ...newer } = { ...happened, apiVersion: 'events.k8s.io/v1' };
    expect(decode(eventV1Kind as unknown as ResourceKind<Event>, newer)).toMatchObject({
      eventTime: kept,
      series: { lastObservedTime: kept },
    });
  });
});
