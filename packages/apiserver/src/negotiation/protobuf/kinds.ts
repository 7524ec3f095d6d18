import { coreKinds } from './core-kinds.ts';
import type { MessageType } from './message.ts';
import { messageOf } from './message-of.ts';
import { rbacKinds } from './rbac-kinds.ts';
import { reviewKinds } from './review-kinds.ts';

const deleteOptions = messageOf({
  1: ['gracePeriodSeconds', 'int'],
  2: ['preconditions', messageOf({ 1: ['uid', 'string'], 2: ['resourceVersion', 'string'] })],
  3: ['orphanDependents', 'bool'],
  4: ['propagationPolicy', 'string'],
  5: ['dryRun', 'string', 'repeated'],
});

/**
 * The kinds that clients may send as protobuf, by apiVersion and kind. Their field numbers are those of the `generated.proto`
 * files of k8s.io/apimachinery and k8s.io/api.
 */
const kinds: Readonly<Record<string, MessageType>> = { ...coreKinds, ...rbacKinds, ...reviewKinds };

/** The message type of a kind, or undefined for one that has none here. DeleteOptions belong to every group. */
export function messageTypeOf(apiVersion: string, kind: string): MessageType | undefined {
  if (kind === 'DeleteOptions') return deleteOptions;
  return Object.hasOwn(kinds, `${apiVersion} ${kind}`) ? kinds[`${apiVersion} ${kind}`] : undefined;
}
