import { type RequestContext, type ResourceStorage, statusErrors, until } from '@porch/apiserver';
import { configGroup } from '../../resources/group.ts';
import type { Repository } from '../../resources/repository.ts';
import type { NamespaceGate } from '../namespace/gate.ts';
import { requireSecretAccess } from '../secret-access.ts';
import { conflictErrors, isFree } from './registration-conflicts.ts';
import { newSecret } from './secret-reference.ts';

type Storage = Required<ResourceStorage<Repository>>;

/** What the storage is made of. */
export interface RepositoryStorageOptions {
  /** Where repositories are kept. */
  readonly stored: Storage;
  readonly gate: NamespaceGate;
  /** The repositories of all namespaces. */
  registered(): readonly Repository[];
  /** Calls the listener after every change of them. Returns what ends that. */
  watchRegistered(listener: () => void): () => void;
}

/** How long a registration waits for repositories that are about to go, in milliseconds. */
const longestWaitMs = 10_000;

const repositories = { group: configGroup, resource: 'repositories' };
const nameOf = (object: Repository): string => object.metadata.name ?? '';

async function checkSecret(context: RequestContext, object: Repository, old?: Repository): Promise<void> {
  const secret = newSecret(object, old);
  if (secret === undefined) return;
  await requireSecretAccess(context, { ...repositories, name: nameOf(object) }, secret);
}

/**
 * Storage of repositories: as they are stored, after checks that need more than the object. Registrations happen one after
 * another, so that no two that conflict can pass the check together in one server. Where servers that share a database let one pass
 * each, the controller lets the later one wait.
 */
export function repositoryStorage(parts: RepositoryStorageOptions): Storage {
  const { stored, gate } = parts;
  let registration: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = registration.then(work);
    registration = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  };
  return {
    ...stored,
    create: (context, object, options) =>
      gate.create(context.namespace, { resource: repositories, name: nameOf(object) }, async () => {
        await checkSecret(context, object);
        // Who deletes a repository may register it anew at once.
        await until(() => isFree(object, parts.registered()), parts.watchRegistered, {
          signal: context.signal,
          mostMs: longestWaitMs,
        });
        return inTurn(async () => {
          const conflicts = conflictErrors(object, parts.registered());
          if (conflicts.length > 0) {
            throw statusErrors.invalid({ group: configGroup, kind: 'Repository' }, nameOf(object), conflicts, 400);
          }
          return stored.create(context, object, options);
        });
      }),
    update: (context, name, update, options) =>
      stored.update(
        context,
        name,
        async (current) => {
          const wanted = await update(current);
          await checkSecret(context, wanted, current);
          return wanted;
        },
        options,
      ),
  };
}
