import type { MessageType } from './message.ts';
import { messageOf } from './message-of.ts';
import { objectMeta } from './object-meta.ts';

const namespaceCondition = messageOf({
  1: ['type', 'string'],
  2: ['status', 'string'],
  4: ['lastTransitionTime', 'time'],
  5: ['reason', 'string'],
  6: ['message', 'string'],
});

const objectReference = messageOf({
  1: ['kind', 'string'],
  2: ['namespace', 'string'],
  3: ['name', 'string'],
  4: ['uid', 'string'],
  5: ['apiVersion', 'string'],
  6: ['resourceVersion', 'string'],
  7: ['fieldPath', 'string'],
});

/** Kinds of the core group, of events.k8s.io and of coordination.k8s.io. */
export const coreKinds: Readonly<Record<string, MessageType>> = {
  'v1 Secret': messageOf({
    1: ['metadata', objectMeta],
    2: ['data', { map: 'bytes' }],
    3: ['type', 'string'],
    4: ['stringData', { map: 'string' }],
    5: ['immutable', 'bool'],
  }),
  'v1 ConfigMap': messageOf({
    1: ['metadata', objectMeta],
    2: ['data', { map: 'string' }],
    3: ['binaryData', { map: 'bytes' }],
    4: ['immutable', 'bool'],
  }),
  'v1 Namespace': messageOf({
    1: ['metadata', objectMeta],
    2: ['spec', messageOf({ 1: ['finalizers', 'string', 'repeated'] })],
    3: ['status', messageOf({ 1: ['phase', 'string'], 2: ['conditions', namespaceCondition, 'repeated'] })],
  }),
  'v1 ServiceAccount': messageOf({
    1: ['metadata', objectMeta],
    2: ['secrets', objectReference, 'repeated'],
    3: ['imagePullSecrets', messageOf({ 1: ['name', 'string'] }), 'repeated'],
    4: ['automountServiceAccountToken', 'bool'],
  }),
  'v1 Event': messageOf({
    1: ['metadata', objectMeta],
    2: ['involvedObject', objectReference],
    3: ['reason', 'string'],
    4: ['message', 'string'],
    5: ['source', messageOf({ 1: ['component', 'string'], 2: ['host', 'string'] })],
    6: ['firstTimestamp', 'time'],
    7: ['lastTimestamp', 'time'],
    8: ['count', 'int'],
    9: ['type', 'string'],
    10: ['eventTime', 'microTime'],
    11: ['series', messageOf({ 1: ['count', 'int'], 2: ['lastObservedTime', 'microTime'] })],
    12: ['action', 'string'],
    13: ['related', objectReference],
    14: ['reportingComponent', 'string'],
    15: ['reportingInstance', 'string'],
  }),
  'events.k8s.io/v1 Event': messageOf({
    1: ['metadata', objectMeta],
    2: ['eventTime', 'microTime'],
    3: ['series', messageOf({ 1: ['count', 'int'], 2: ['lastObservedTime', 'microTime'] })],
    4: ['reportingController', 'string'],
    5: ['reportingInstance', 'string'],
    6: ['action', 'string'],
    7: ['reason', 'string'],
    8: ['regarding', objectReference],
    9: ['related', objectReference],
    10: ['note', 'string'],
    11: ['type', 'string'],
    12: ['deprecatedSource', messageOf({ 1: ['component', 'string'], 2: ['host', 'string'] })],
    13: ['deprecatedFirstTimestamp', 'time'],
    14: ['deprecatedLastTimestamp', 'time'],
    15: ['deprecatedCount', 'int'],
  }),
  'coordination.k8s.io/v1 Lease': messageOf({
    1: ['metadata', objectMeta],
    2: [
      'spec',
      messageOf({
        1: ['holderIdentity', 'string'],
        2: ['leaseDurationSeconds', 'int'],
        3: ['acquireTime', 'microTime'],
        4: ['renewTime', 'microTime'],
        5: ['leaseTransitions', 'int'],
        6: ['strategy', 'string'],
        7: ['preferredHolder', 'string'],
      }),
    ],
  }),
};
