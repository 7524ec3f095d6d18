/** Messages between the main thread and the store's thread. Both directions carry arrays, so that one message serves many. */

import type { KubernetesObject } from '../../meta/object.ts';
import { StoreNotEmptyError } from '../not-empty.ts';
import {
  type Change,
  CompactedError,
  type CompactedStore,
  decodedObject,
  type ObjectKey,
  PreconditionFailedError,
  type StoredObject,
  type WriteOperation,
  type WriteSet,
} from '../store.ts';
import type { EncryptionOptions, RetentionOptions } from '../store-options.ts';

/** What the store thread is started with. */
export interface WorkerSettings {
  readonly file: string;
  readonly encryption: EncryptionOptions | undefined;
  readonly retention: RetentionOptions;
  readonly continuesAfter: number | undefined;
}

/**
 * A put as it is sent. The names of an object's fields are sent with each object, and looked up again: of thousands of puts that takes as
 * long as all the rest of sending them.
 */
type SentPut = readonly [
  resource: string,
  namespace: string,
  name: string,
  uid: string,
  value: string,
  content: string | null | undefined,
  expected: number | undefined,
  renewsContent: boolean,
];

/** A write set as it is sent. */
export interface SentWriteSet extends Omit<WriteSet, 'operations'> {
  readonly operations: readonly (SentPut | Exclude<WriteOperation, PutOperation>)[];
}

type PutOperation = Extract<WriteOperation, { type: 'put' }>;

/** What can be asked of the thread. */
export type Request =
  | { readonly type: 'commit'; readonly writeSet: SentWriteSet; readonly dryRun: boolean }
  | { readonly type: 'snapshot'; readonly history: number }
  | { readonly type: 'changesAfter'; readonly revision: number; readonly limit: number }
  | { readonly type: 'objectAt'; readonly key: ObjectKey; readonly revision: number }
  | { readonly type: 'content'; readonly digest: string }
  | { readonly type: 'compact'; readonly revision: number; readonly graceMs: number }
  | { readonly type: 'backup'; readonly file: string }
  | { readonly type: 'close' };

/** A request whose reply has the same number. */
export type NumberedRequest = Request & { readonly id: number };

/** A change whose value the asking side may have already. */
export interface SlimChange {
  readonly type: Change['type'];
  readonly revision: number;
  readonly previousRevision: number;
  readonly object: Omit<StoredObject, 'value'>;
  /** The value, or the index of the operation (commit) or object (snapshot) that has it. */
  readonly value: string | number;
}

/** A put that was made, of which the asking side has all the rest. */
type MadePut = readonly [operation: number, revision: number, previousRevision: number, contentRevision: number];

/** What a commit answers. */
export interface CommitReply {
  readonly revision: number;
  readonly changes: readonly (SlimChange | MadePut)[];
}

/** What a snapshot answers. */
export interface SnapshotReply {
  readonly revision: number;
  readonly objects: StoredObject[];
  readonly changesAfter: number;
  readonly changes: readonly SlimChange[];
  readonly earlier: readonly StoredObject[];
}

/** Errors as they cross threads: classes do not survive a structured clone. */
export type ErrorMessage =
  | { readonly kind: 'precondition'; readonly key: ObjectKey; readonly expected: number; readonly actual: number }
  | { readonly kind: 'compacted'; readonly asked: number; readonly oldest: number }
  | { readonly kind: 'not-empty' }
  | { readonly kind: 'other'; readonly message: string; readonly stack: string | undefined };

/** What the store thread answers to one request. */
export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorMessage };

/** What the thread says. */
export type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'refused'; readonly error: ErrorMessage }
  /** `group`: how many write sets these replies are about, where they were committed together. */
  | { readonly type: 'replies'; readonly replies: readonly Reply[]; readonly group?: number }
  | ({ readonly type: 'compacted' } & CompactedStore)
  | { readonly type: 'fatal'; readonly error: ErrorMessage };

/** An error in a form that can be sent between threads. */
export function toErrorMessage(error: unknown): ErrorMessage {
  if (error instanceof PreconditionFailedError) {
    return { kind: 'precondition', key: error.key, expected: error.expected, actual: error.actual };
  }
  if (error instanceof CompactedError) return { kind: 'compacted', asked: error.asked, oldest: error.oldest };
  if (error instanceof StoreNotEmptyError) return { kind: 'not-empty' };
  if (error instanceof Error) return { kind: 'other', message: error.message, stack: error.stack };
  return { kind: 'other', message: String(error), stack: undefined };
}

/** An error like the one that `toErrorMessage` was given; of the same class where callers tell it by that. */
export function fromErrorMessage(message: ErrorMessage): Error {
  if (message.kind === 'precondition') {
    return new PreconditionFailedError(message.key, message.expected, message.actual);
  }
  if (message.kind === 'compacted') return new CompactedError(message.asked, message.oldest);
  if (message.kind === 'not-empty') return new StoreNotEmptyError();
  const error = new Error(message.message);
  if (message.stack !== undefined) error.stack = message.stack;
  return error;
}

/** A step of a write set in the form in which it is sent. */
export function toSent(operation: WriteOperation): SentWriteSet['operations'][number] {
  if (operation.type !== 'put') return operation;
  const { key, uid, value, content, expected, renewsContent = false } = operation;
  return [key.resource, key.namespace, key.name, uid, value, content, expected, renewsContent];
}

/** The step that was sent. */
export function fromSent(sent: SentWriteSet['operations'][number]): WriteOperation {
  if ('type' in sent) return sent;
  const [resource, namespace, name, uid, value, content, expected, renewsContent] = sent;
  return {
    type: 'put',
    key: { resource, namespace, name },
    uid,
    value,
    renewsContent,
    ...(content === undefined ? {} : { content }),
    ...(expected === undefined ? {} : { expected }),
  };
}

/** What is answered of a change that was made by a step of these. */
export function toMade(change: SlimChange, operations: readonly WriteOperation[]): CommitReply['changes'][number] {
  const { value: index, revision, previousRevision, object } = change;
  const operation = typeof index === 'number' ? operations[index] : undefined;
  // Of a put without content, the asking side does not know what is there.
  if (typeof index === 'string' || operation?.type !== 'put' || operation.content === undefined) return change;
  return [index, revision, previousRevision, object.contentRevision];
}

/** The whole change, of which this was answered to whoever sent these steps. */
export function fromMade(made: CommitReply['changes'][number], operations: readonly WriteOperation[]): Change {
  if ('type' in made) return widen(made, (index) => known(operations[index]));
  const [index, revision, previousRevision, contentRevision] = made;
  const { key, uid, content = null, value, [decodedObject]: decoded } = operations[index] as PutOperation;
  const object = { key, uid, revision, value, content, contentRevision };
  const change = { type: 'put', revision, previousRevision, object } as const;
  return decoded === undefined ? change : { ...change, decoded };
}

function known(operation: WriteOperation | undefined): KnownValue | undefined {
  return operation?.type === 'put' ? { value: operation.value, decoded: operation[decodedObject] } : undefined;
}

/** What the asking side has of a changed object. */
interface KnownValue {
  readonly value: string;
  readonly decoded?: KubernetesObject | undefined;
}

/** The whole change; `valueAt` finds what was not sent. */
export function widen(change: SlimChange, valueAt: (index: number) => KnownValue | undefined): Change {
  const { type, revision, previousRevision, object, value: sent } = change;
  const { key, uid, content, contentRevision } = object;
  const { value = '', decoded } = typeof sent === 'number' ? (valueAt(sent) ?? {}) : { value: sent };
  // Each field by its name: copying what came from another thread as a whole takes ten times as long.
  const stored = { key, uid, revision: object.revision, value, content, contentRevision };
  const whole = { type, revision, previousRevision, object: stored };
  return decoded === undefined ? whole : { ...whole, decoded };
}
