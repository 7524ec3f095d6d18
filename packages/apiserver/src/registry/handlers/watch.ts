import { setImmediate as nextTurn } from 'node:timers/promises';
import { ClientGoneError } from '../../http/client-gone.ts';
import { statusErrors } from '../../meta/status.ts';
import { parseWatchOptions, type WatchStart } from '../list-options.ts';
import type { WatchOptions } from '../resource.ts';
import { parseSelectors } from '../selector-query.ts';
import { outputFormOf } from './answer.ts';
import { groupResourceOf, type Handler, type ResourceRequest } from './resource-request.ts';

/** A stream that begins now needs the current revision, which a list of nothing tells. */
async function positionOf(request: ResourceRequest, start: WatchStart): Promise<WatchOptions['start']> {
  if (start !== 'now') return start;
  const { target, context, info } = request;
  if (target.storage.list === undefined)
    throw statusErrors.badRequest('sendInitialEvents=false needs a resourceVersion here');
  const options = info.namespace === '' ? { limit: 1 } : { limit: 1, namespace: info.namespace };
  return { after: (await target.storage.list(context, options)).revision };
}

/**
 * GET of a collection with `watch`. A watch that cannot start is answered with the error's code; one that breaks off later
 * ends with an ERROR event.
 */
export const handleWatch: Handler = async (request) => {
  const { definition, target, context, info, exchange, encoder, services } = request;
  const { storage } = target;
  if (storage.watch === undefined) {
    throw statusErrors.methodNotSupported(groupResourceOf(definition), 'watch', definition.methodHint);
  }
  const { transform } = outputFormOf(request, 'watch');
  const { bookmarks, markInitialEnd, timeoutSeconds, ...options } = parseWatchOptions(exchange.query);
  const selectors = parseSelectors(definition, info.namespace, exchange.query);
  const start = await positionOf(request, options.start);
  const initial = 'initial' in start;
  const stream = services.watches.open({
    exchange,
    encoder,
    transform,
    bookmarks,
    initial,
    markInitialEnd,
    timeoutSeconds,
  });
  const namespace = info.namespace === '' ? {} : { namespace: info.namespace };
  try {
    const watching = Promise.resolve(storage.watch(context, { ...namespace, ...selectors, start }, stream));
    await Promise.race([watching, nextTurn()]);
    watching.catch((error: Error) => stream.fail(error));
    stream.begin();
    await stream.done;
  } finally {
    exchange.abort.abort(new ClientGoneError());
  }
};
