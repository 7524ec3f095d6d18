import { type ServedEvent, statusErrors, type WatchSink, withRevision } from '@porch/apiserver';
import { assembleResources, readOf } from './object-cache.ts';
import type { EngineParts } from './parts.ts';

/** Most events that may wait for their content; a watcher that needs more must start again. */
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
  #failed = false;

  constructor(parts: EngineParts, signal: AbortSignal, sink: WatchSink) {
    this.#parts = parts;
    this.#signal = signal;
    this.#sink = sink;
  }

  event(event: ServedEvent): void {
    const { previous, object } = event;
    if (event.type === 'MODIFIED' && previous !== undefined && previous.contentRevision === object.contentRevision)
      return;
    if (this.#waiting >= mostWaiting) {
      this.fail(statusErrors.tooManyRequests('too many changes are waiting for this watch; start it again', 1));
      return;
    }
    this.#then(async () => this.#sink.event(await this.#assemble(event)));
  }

  initialDone(revision: number): void {
    this.#then(() => this.#sink.initialDone(revision));
  }

  progress(revision: number): void {
    if (this.#waiting === 0 && !this.#failed) this.#sink.progress(revision);
  }

  fail(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#sink.fail(error);
  }

  async #assemble(event: ServedEvent): Promise<ServedEvent> {
    const object = await assembleResources(this.#parts, readOf(event.object), this.#signal);
    const deleted = event.type === 'DELETED';
    return { ...event, object: deleted ? withRevision(object, event.revision) : object, previous: undefined };
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
      }
    });
  }
}
