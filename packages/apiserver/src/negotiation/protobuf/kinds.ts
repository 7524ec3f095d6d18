import type { Field, FieldType, MessageType } from './message.ts';

/**
 * Field numbers of the kinds that clients may send as protobuf; they are those of the `generated.proto` files of
 * k8s.io/apimachinery and k8s.io/api. A further kind is one more entry in `kinds`.
 */
const message = (
  fields: Record<number, readonly [name: string, type: FieldType, repeated?: 'repeated']>,
): MessageType => ({
  fields: Object.fromEntries(
    Object.entries(fields).map(([number, [name, type, repeated]]): [string, Field] => [
      number,
      { name, type, ...(repeated === undefined ? {} : { repeated: true }) },
    ]),
  ),
});

const ownerReference = message({
  1: ['kind', 'string'],
  3: ['name', 'string'],
  4: ['uid', 'string'],
  5: ['apiVersion', 'string'],
  6: ['controller', 'bool'],
  7: ['blockOwnerDeletion', 'bool'],
});

const managedFieldsEntry = message({
  1: ['manager', 'string'],
  2: ['operation', 'string'],
  3: ['apiVersion', 'string'],
  4: ['time', 'time'],
  6: ['fieldsType', 'string'],
  7: ['fieldsV1', 'rawJson'],
  8: ['subresource', 'string'],
});

const objectMeta = message({
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  4: ['selfLink', 'string'],
  5: ['uid', 'string'],
  6: ['resourceVersion', 'string'],
  7: ['generation', 'int'],
  8: ['creationTimestamp', 'time'],
  9: ['deletionTimestamp', 'time'],
  10: ['deletionGracePeriodSeconds', 'int'],
  11: ['labels', { map: 'string' }],
  12: ['annotations', { map: 'string' }],
  13: ['ownerReferences', ownerReference, 'repeated'],
  14: ['finalizers', 'string', 'repeated'],
  17: ['managedFields', managedFieldsEntry, 'repeated'],
});

const deleteOptions = message({
  1: ['gracePeriodSeconds', 'int'],
  2: ['preconditions', message({ 1: ['uid', 'string'], 2: ['resourceVersion', 'string'] })],
  3: ['orphanDependents', 'bool'],
  4: ['propagationPolicy', 'string'],
  5: ['dryRun', 'string', 'repeated'],
});

const namespaceCondition = message({
  1: ['type', 'string'],
  2: ['status', 'string'],
  4: ['lastTransitionTime', 'time'],
  5: ['reason', 'string'],
  6: ['message', 'string'],
});

const kinds: Readonly<Record<string, MessageType>> = {
  'v1 Secret': message({
    1: ['metadata', objectMeta],
    2: ['data', { map: 'bytes' }],
    3: ['type', 'string'],
    4: ['stringData', { map: 'string' }],
    5: ['immutable', 'bool'],
  }),
  'v1 ConfigMap': message({
    1: ['metadata', objectMeta],
    2: ['data', { map: 'string' }],
    3: ['binaryData', { map: 'bytes' }],
    4: ['immutable', 'bool'],
  }),
  'v1 Namespace': message({
    1: ['metadata', objectMeta],
    2: ['spec', message({ 1: ['finalizers', 'string', 'repeated'] })],
    3: ['status', message({ 1: ['phase', 'string'], 2: ['conditions', namespaceCondition, 'repeated'] })],
  }),
};

/** The message type of a kind, or undefined for one that has none here. DeleteOptions belong to every group. */
export function messageTypeOf(apiVersion: string, kind: string): MessageType | undefined {
  if (kind === 'DeleteOptions') return deleteOptions;
  return kinds[`${apiVersion} ${kind}`];
}
