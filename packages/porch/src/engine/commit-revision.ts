import type { CommitResult, ObjectKey, WriteResult, WriteSet } from '@porch/apiserver';
import { serveStored } from '@porch/apiserver';
import { isSameKey } from '../cache/records.ts';
import { revisionKey } from '../cache/revision-cache.ts';
import type { EngineParts } from './parts.ts';

/** The package revision that a write set is about, and how to answer for it. */
export interface Subject {
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
  readonly created: boolean;
}

/** Commits a write set and answers with what it made of one package revision. */
export async function commitRevision(parts: EngineParts, subject: Subject, writeSet: WriteSet): Promise<WriteResult> {
  const key = revisionKey(subject.namespace, subject.name);
  const result = await parts.store.commit(writeSet, { dryRun: subject.dryRun });
  return { object: resultFor(parts, key, result), created: subject.created };
}

function resultFor(parts: EngineParts, key: ObjectKey, result: CommitResult) {
  const change = result.changes.findLast(({ object }) => isSameKey(object.key, key));
  const current = parts.cache.objects.get(key);
  if (change !== undefined) {
    // A dry run took no revision: it shows that of the state before.
    const revision = change.revision === 0 ? (current?.revision ?? 0) : change.object.revision;
    return serveStored({ ...change.object, revision }, parts.cache.rules.get(key.resource));
  }
  if (current === undefined)
    throw new Error(`${key.resource} ${key.namespace}/${key.name} is neither written nor there`);
  return current;
}
