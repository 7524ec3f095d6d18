import type { KubernetesObject } from '../../meta/object.ts';
import { encodeObject } from '../encode.ts';
import { mergePatch } from '../merge-patch.ts';
import type { Sealing, StoredValue } from '../sealing.ts';
import { type ObjectKey, PreconditionFailedError, type WriteOperation, type WriteSet } from '../store.ts';
import type { Position } from './position.ts';
import type { SlimChange } from './protocol.ts';
import type { ObjectRow } from './rows.ts';
import type { Statements } from './statements.ts';

/** What a write set is applied with. `position.revision` advances with every change. */
export interface WriteContext {
  readonly statements: Statements;
  readonly sealing: Sealing;
  readonly position: Position;
  readonly now: number;
}

/** A state to be written. */
interface NextState {
  readonly uid: string;
  readonly value: string;
  readonly content: string | null;
}

/**
 * Applies a write set inside the transaction that is open. When it throws, the caller rolls back to where it began, the
 * position included.
 * @throws PreconditionFailedError
 */
export function applyWriteSet(context: WriteContext, writeSet: WriteSet): SlimChange[] {
  for (const { key, revision } of writeSet.preconditions ?? []) {
    requireRevision(key, revision, findObject(context, key));
  }
  for (const { digest, bytes } of writeSet.content ?? []) context.statements.putContent.run(digest, context.now, bytes);
  const first = context.position.revision + 1;
  const changes: SlimChange[] = [];
  writeSet.operations.forEach((operation, index) => {
    const change = applyOperation(context, operation, index, first);
    if (change !== undefined) changes.push(change);
  });
  return changes;
}

function applyOperation(
  context: WriteContext,
  operation: WriteOperation,
  index: number,
  first: number,
): SlimChange | undefined {
  const { key } = operation;
  const current = findObject(context, key);
  if (operation.type === 'merge') {
    if (current === undefined) return undefined;
    const value = merged(context.sealing.open(key, current.value), operation.patch);
    const next = { uid: current.uid, value, content: current.content };
    return put(context, key, current, { next, renewsContent: false }, value, first);
  }
  if (operation.expected !== undefined) requireRevision(key, operation.expected, current);
  if (operation.type === 'delete') return current === undefined ? undefined : remove(context, key, current, first);
  const content = operation.content === undefined ? (current?.content ?? null) : operation.content;
  const next = { uid: operation.uid, value: operation.value, content };
  return put(context, key, current, { next, renewsContent: operation.renewsContent === true }, index, first);
}

function put(
  context: WriteContext,
  key: ObjectKey,
  current: ObjectRow | undefined,
  { next, renewsContent }: { readonly next: NextState; readonly renewsContent: boolean },
  sent: string | number,
  first: number,
): SlimChange | undefined {
  const { statements, sealing, position } = context;
  const sameContent = (current?.content ?? null) === next.content;
  if (
    current !== undefined &&
    sameContent &&
    current.uid === next.uid &&
    sealing.open(key, current.value) === next.value
  ) {
    return undefined;
  }
  if (!sameContent && next.content !== null) requireContent(statements, next.content);
  const revision = ++position.revision;
  const contentRevision = sameContent && !renewsContent ? (current?.content_revision ?? 0) : revision;
  const value = sealing.seal(key, next.value);
  const { resource, namespace, name } = key;
  keepEarlier(context, current);
  statements.putObject.run(resource, namespace, name, next.uid, revision, value, next.content, contentRevision);
  const previousRevision = current?.revision ?? 0;
  append(context, 'put', key, { ...next, value, revision, previousRevision, contentRevision, first });
  return {
    type: 'put',
    revision,
    previousRevision,
    object: { key, uid: next.uid, revision, content: next.content, contentRevision },
    value: sent,
  };
}

function remove(context: WriteContext, key: ObjectKey, current: ObjectRow, first: number): SlimChange {
  const { statements, sealing, position } = context;
  const revision = ++position.revision;
  const { uid, value, content, content_revision: contentRevision, revision: previousRevision } = current;
  keepEarlier(context, current);
  statements.deleteObject.run(key.resource, key.namespace, key.name);
  append(context, 'delete', key, { uid, value, content, revision, previousRevision, contentRevision, first });
  return {
    type: 'delete',
    revision,
    previousRevision,
    object: { key, uid, revision, content, contentRevision },
    value: sealing.open(key, value),
  };
}

interface LogState {
  readonly uid: string;
  readonly value: StoredValue;
  readonly content: string | null;
  readonly revision: number;
  readonly previousRevision: number;
  readonly contentRevision: number;
  readonly first: number;
}

function append(context: WriteContext, type: 'put' | 'delete', key: ObjectKey, state: LogState): void {
  context.statements.appendLog.run(
    state.revision,
    state.first,
    context.now,
    type,
    state.previousRevision,
    key.resource,
    key.namespace,
    key.name,
    state.uid,
    state.value,
    state.content,
    state.contentRevision,
  );
}

/** The log entry of a state that compaction may have forgotten, needed again now as the previous state of a change. */
function keepEarlier(context: WriteContext, row: ObjectRow | undefined): void {
  if (row === undefined || row.revision > context.position.oldest) return;
  const { revision, resource, namespace, name, uid, value, content, content_revision: contentRevision } = row;
  context.statements.keepEarlier.run(
    revision,
    revision,
    resource,
    namespace,
    name,
    uid,
    value,
    content,
    contentRevision,
  );
}

function findObject(context: WriteContext, key: ObjectKey): ObjectRow | undefined {
  return context.statements.object.get(key.resource, key.namespace, key.name) as ObjectRow | undefined;
}

function requireRevision(key: ObjectKey, expected: number, current: ObjectRow | undefined): void {
  const actual = current?.revision ?? 0;
  if (actual !== expected) throw new PreconditionFailedError(key, expected, actual);
}

function requireContent(statements: Statements, digest: string): void {
  if (!digest.startsWith('sha256:') || statements.hasContent.get(digest) !== undefined) return;
  throw new Error(`content ${digest} is neither in the store nor part of the write set`);
}

function merged(value: string, patch: Record<string, unknown>): string {
  return encodeObject(mergePatch(JSON.parse(value), patch) as KubernetesObject);
}
