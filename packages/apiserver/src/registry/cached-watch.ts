import { turns } from '../meta/turns.ts';
import { matcher } from '../storage/object-filter.ts';
import type { ServedEvent } from '../storage/served-object.ts';
import { CompactedError } from '../storage/store.ts';
import type { WatchCache } from '../storage/watch-cache-api.ts';
import { tooOld } from './cached-list.ts';
import { untilCurrent, waitForRevision } from './fresh-revision.ts';
import type { RequestContext, WatchOptions, WatchSink } from './resource.ts';
import { SelectedEvents } from './selected-events.ts';

/** Watches of one resource over the cache. One per resource, so that its watches share what is made for them. */
export class CachedWatches {
  readonly #cache: WatchCache;
  readonly #resource: string;
  readonly #events = new SelectedEvents();
  readonly #sinks = new Set<WatchSink>();
  #endProgress: (() => void) | undefined;

  constructor(cache: WatchCache, resource: string) {
    this.#cache = cache;
    this.#resource = resource;
  }

  /**
   * Begins a watch and returns once it has begun; it goes on until the context's signal is aborted. One from a position that is no
   * longer kept ends at once, with an event of 410, as kube-apiserver's do.
   * @throws StatusError 504 when the position is not reached in time
   */
  async start(context: Pick<RequestContext, 'signal'>, options: WatchOptions, sink: WatchSink): Promise<void> {
    const { start } = options;
    const asked = 'after' in start ? start.after : start.notOlderThan;
    if (asked === undefined) await untilCurrent(this.#cache, context.signal);
    else await waitForRevision(this.#cache, asked, context.signal);
    // All watches of a proxy's clients may come back at once, and each may begin with thousands of objects.
    if (turns.over) await turns.next();
    if (context.signal.aborted) return;
    // No await from here on: nothing may change between the list and the watch that goes on from it.
    const from = 'after' in start ? start.after : this.#sendInitial(options, sink);
    const matches = matcher(options);
    let end = (): void => undefined;
    const listener = (event: ServedEvent) => {
      try {
        const shown = this.#events.select(event, matches);
        if (shown !== undefined) sink.event(shown);
      } catch (error) {
        stop();
        sink.fail(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const stop = () => {
      context.signal.removeEventListener('abort', stop);
      end();
      this.#removeSink(sink);
    };
    try {
      end = this.#cache.watch(this.#resource, from, listener);
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error;
      // Clients that resume by themselves take an answer of 410 for something that passes, and ask again without end.
      sink.fail(tooOld(error));
      return;
    }
    context.signal.addEventListener('abort', stop, { once: true });
    this.#addSink(sink);
    sink.progress(this.#cache.revision);
  }

  #sendInitial(options: WatchOptions, sink: WatchSink): number {
    const { revision, items } = this.#cache.list(this.#resource, {
      ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
      ...(options.labels === undefined ? {} : { labels: options.labels }),
      ...(options.fields === undefined ? {} : { fields: options.fields }),
    });
    for (const object of items) sink.event(this.#events.initial(object));
    sink.initialDone(revision);
    return revision;
  }

  #addSink(sink: WatchSink): void {
    this.#sinks.add(sink);
    this.#endProgress ??= this.#cache.onRevision((revision) => {
      for (const each of this.#sinks) each.progress(revision);
    });
  }

  #removeSink(sink: WatchSink): void {
    this.#sinks.delete(sink);
    if (this.#sinks.size > 0) return;
    this.#endProgress?.();
    this.#endProgress = undefined;
  }
}
