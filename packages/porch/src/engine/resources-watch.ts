import { type ServedEvent, statusErrors, type WatchSink, withRevision } from '@porch/apiserver';
import { assembleResources, readOf } from './object-cache.ts';
import type { EngineParts } from './parts.ts';
import { serveResources } from './resources-view.ts';

/** Most events that may wait for their content, beside those that the watch began with; a watcher that needs more starts again. */
const mostWaiting = 1000;

/**
 * Turns events of package revisions into events of their resources: only changes of content count, and each object is put together
 * before it is handed on, in order.
 */
export class ResourcesWatch implements WatchSink {
  readonly #parts: EngineParts;
  readonly #signal: AbortSignal;
  readonly #sink: WatchSink;
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;
  #mostWaiting = Number.POSITIVE_INFINITY;
  #full = false;
  #failed = false;
  /** Up to here everything has been seen, once what waits has been handed on. */
  #seen = 0;

  constructor(parts: EngineParts, signal: AbortSignal, sink: WatchSink) {
    this.#parts = parts;
    this.#signal = signal;
    this.#sink = sink;
  }

  /** Everything that the watch begins with has been handed over; what comes now comes as it happens. */
  begun(): void {
    this.#mostWaiting = this.#waiting + mostWaiting;
  }

  event(event: ServedEvent): void {
    const { previous, object } = event;
    if (event.type === 'MODIFIED' && previous !== undefined && previous.contentRevision === object.contentRevision)
      return;
    if (this.#full) return;
    if (this.#waiting >= this.#mostWaiting) {
      this.#full = true;
      // After what waits, so that a watch which starts again from there gets ahead.
      this.#then(() =>
        this.fail(statusErrors.tooManyRequests('too many changes are waiting for this watch; start it again', 1)),
      );
      return;
    }
    this.#then(async () => {
      const assembled = await this.#assemble(event);
      if (assembled !== undefined) this.#sink.event(assembled);
    });
  }

  initialDone(revision: number): void {
    this.#then(() => this.#sink.initialDone(revision));
  }

  progress(revision: number): void {
    this.#seen = revision;
    this.#progress();
  }

  fail(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#sink.fail(error);
  }

  /**
   * Undefined for changes of what has gone with its repository: nobody can read that any more, and the deletion follows. A deletion
   * itself must reach watchers whatever becomes of the files.
   */
  async #assemble(event: ServedEvent): Promise<ServedEvent | undefined> {
    const read = readOf(event.object);
    const deleted = event.type === 'DELETED';
    try {
      const object = await assembleResources(this.#parts, read, this.#signal);
      return { ...event, object: deleted ? withRevision(object, event.revision) : object, previous: undefined };
    } catch (error) {
      this.#signal.throwIfAborted();
      if (deleted) {
        const object = withRevision(serveResources(this.#parts, read, []), event.revision);
        return { ...event, object, previous: undefined };
      }
      const { registrations } = this.#parts;
      if (registrations.get(read.key.namespace, read.value.spec.repository ?? '') === undefined) return undefined;
      throw error;
    }
  }

  #then(step: () => void | Promise<void>): void {
    this.#waiting++;
    this.#tail = this.#tail.then(async () => {
      try {
        if (!this.#failed && !this.#signal.aborted) await step();
      } catch (error) {
        if (!this.#signal.aborted) this.fail(error instanceof Error ? error : new Error(String(error)));
      } finally {
        this.#waiting--;
        this.#progress();
      }
    });
  }

  #progress(): void {
    if (this.#seen > 0 && this.#waiting === 0 && !this.#failed) this.#sink.progress(this.#seen);
  }
}
