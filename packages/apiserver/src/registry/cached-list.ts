import { type StatusError, statusErrors } from '../meta/status.ts';
import type { ServedObject } from '../storage/served-object.ts';
import { CompactedError } from '../storage/store.ts';
import type { ListPage, ListQuery, WatchCache } from '../storage/watch-cache-api.ts';
import { encodeContinue } from './continue-token.ts';
import { untilCurrent, waitForRevision } from './fresh-revision.ts';
import type { ListOptions, ObjectList } from './resource.ts';

/** A list whose items are at hand. */
export interface CachedList extends ObjectList {
  readonly items: readonly ServedObject[];
}

/**
 * A list with the meaning that Kubernetes gives `resourceVersion`, `resourceVersionMatch`, `limit` and `continue`: latest when
 * nothing is asked, any for 0, exactly N for a continued page, for `Exact` and for a limit without match, else not older than N.
 * @throws StatusError 410 for revisions that are compacted, 504 for those not reached in time
 */
export async function cachedList(
  cache: WatchCache,
  resource: string,
  options: ListOptions,
  signal: AbortSignal,
): Promise<CachedList> {
  const { continueAfter: position, resourceVersion: asked = 0 } = options;
  const query: ListQuery = {
    limit: options.limit,
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    ...(options.labels === undefined ? {} : { labels: options.labels }),
    ...(options.fields === undefined ? {} : { fields: options.fields }),
  };
  // Nothing asked is the latest there is; 0 is whatever is at hand.
  const latest = position === undefined && options.resourceVersion === undefined;
  const waiting = latest ? untilCurrent(cache, signal) : undefined;
  if (waiting !== undefined) await waiting;
  if (position !== undefined) {
    const rest = { ...query, after: { namespace: position.namespace, name: position.name } };
    // A token from a 410 answer: the rest as it is now, rather than as it was.
    if (position.revision < 0) return toList(cache.list(resource, rest));
    await waitForRevision(cache, position.revision, signal);
    return toList(exactly(cache, resource, position.revision, rest, () => continuationExpired(position)));
  }
  if (asked > 0) await waitForRevision(cache, asked, signal);
  const exact =
    options.resourceVersionMatch === 'Exact' || (options.resourceVersionMatch === undefined && options.limit > 0);
  if (asked > 0 && exact) {
    return toList(exactly(cache, resource, asked, query, tooOld));
  }
  return toList(cache.list(resource, query));
}

/** What a client is answered that asks for a position which is no longer kept. */
export function tooOld(error: CompactedError): StatusError {
  return statusErrors.expired(`too old resource version: ${error.asked} (${error.oldest})`);
}

function exactly(
  cache: WatchCache,
  resource: string,
  revision: number,
  query: ListQuery,
  expired: (error: CompactedError) => StatusError,
): ListPage {
  try {
    return cache.listAt(resource, revision, query);
  } catch (error) {
    throw error instanceof CompactedError ? expired(error) : error;
  }
}

function continuationExpired(position: { readonly namespace: string; readonly name: string }): StatusError {
  const error = statusErrors.expired(
    'the provided continue token is too old: the list can no longer be shown as it was when it began. Start again without the token, or go on with the one in metadata.continue, which shows the rest as it is now',
  );
  error.status.metadata.continue = encodeContinue({ ...position, revision: -1 });
  return error;
}

function toList({ revision, items, more, remaining }: ListPage): CachedList {
  const last = items.at(-1);
  if (!more || last === undefined) return { revision, items };
  return {
    revision,
    items,
    continueAfter: { revision, namespace: last.key.namespace, name: last.key.name },
    ...(remaining === undefined ? {} : { remainingItemCount: remaining }),
  };
}
