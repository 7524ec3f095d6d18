import type { ObjectKey, Precondition } from '@porch/apiserver';
import {
  type RevisionState,
  repositoryStates,
  resourcesStates,
  revisionStates,
  syncRequests,
} from '../../cache/records.ts';
import { decodeRecord, revisionKey, stateKey } from '../../cache/revision-cache.ts';
import type { EngineParts } from '../../engine/parts.ts';

/** A record that belongs to nothing any more. */
export interface OrphanedRecord {
  readonly kind: 'revision-state' | 'resources-state' | 'repository-state' | 'sync-request';
  readonly key: ObjectKey;
  /** Its revision; one that has changed since belongs to something again. */
  readonly revision: number;
  /** What must still hold when it is removed. */
  readonly preconditions: readonly Precondition[];
}

type Parts = Pick<EngineParts, 'cache' | 'registrations'>;

/**
 * Records whose object is gone: states of package revisions that do not exist and have nothing left to do in Git, what was known of files
 * without a state, and what is kept of Repositories that are not registered.
 */
export function* orphanedRecords(parts: Parts): Generator<OrphanedRecord> {
  yield* revisionStatesWithoutObject(parts);
  yield* resourcesWithoutState(parts);
  for (const [resource, kind] of [
    [repositoryStates, 'repository-state'],
    [syncRequests, 'sync-request'],
  ] as const) {
    for (const { key, revision } of parts.cache.objects.list(resource).items) {
      if (parts.registrations.get(key.namespace, key.name) !== undefined) continue;
      yield { kind, key, revision, preconditions: [] };
    }
  }
}

function* revisionStatesWithoutObject({ cache, registrations }: Parts): Generator<OrphanedRecord> {
  for (const served of cache.objects.list(revisionStates).items) {
    const { key, revision } = served;
    const object = revisionKey(key.namespace, key.name);
    if (cache.objects.get(object) !== undefined) continue;
    const value = decodeRecord<RevisionState>(served);
    const registered = registrations.get(key.namespace, value.repository) !== undefined;
    // A push of unknown outcome is settled first, and branches of what was deleted are removed first.
    const unfinished = value.intent !== undefined || value.pushing !== undefined || value.deleted === true;
    if (registered && unfinished) continue;
    yield { kind: 'revision-state', key, revision, preconditions: [{ key: object, revision: 0 }] };
  }
}

function* resourcesWithoutState({ cache }: Parts): Generator<OrphanedRecord> {
  for (const { key, revision } of cache.objects.list(resourcesStates).items) {
    if (cache.state(key.namespace, key.name) !== undefined) continue;
    const object = revisionKey(key.namespace, key.name);
    const preconditions = [object, stateKey(key.namespace, key.name)].map((gone) => ({ key: gone, revision: 0 }));
    yield { kind: 'resources-state', key, revision, preconditions };
  }
}
