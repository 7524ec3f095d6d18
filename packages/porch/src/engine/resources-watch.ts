import { Queue, type ServedEvent, statusErrors, turns, type WatchSink, withRevision } from '@porch/apiserver';
import { readRevision } from '../cache/revision-cache.ts';
import { assembleResources } from './assemble-resources.ts';
import type { EngineParts } from './parts.ts';
import { serveResources } from './resources-view.ts';

/** Most events that may wait for their content, beside those that the watch began with; a watcher that needs more starts again. */
const mostWaiting = 1000;

/** What is to be handed on: an event, or something else that has its place among the events. */
type Step = ServedEvent | (() => void);

/**
 * Turns events of package revisions into events of their resources: only changes of content count, and each object is put together
 * before it is handed on, in order, when the client has taken the one before: nothing is kept for clients that are behind but what the
 * watch cache has anyway.
 */
export class ResourcesWatch implements WatchSink {
  readonly #parts: EngineParts;
  readonly #signal: AbortSignal;
  readonly #sink: WatchSink;
  readonly #steps = new Queue<Step>();
  /** Those of which the watcher has not heard, by UID. */
  readonly #unheard = new Set<string>();
  #running = false;
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
    this.#mostWaiting = this.#steps.length + mostWaiting;
  }

  event(event: ServedEvent): void {
    const { previous, object } = event;
    if (event.type === 'MODIFIED' && previous !== undefined && previous.contentRevision === object.contentRevision)
      return;
    if (this.#full) return;
    if (this.#steps.length >= this.#mostWaiting) {
      this.#full = true;
      // After what waits, so that a watch which starts again from there gets ahead.
      this.#then(() =>
        this.fail(statusErrors.tooManyRequests('too many changes are waiting for this watch; start it again', 1)),
      );
      return;
    }
    this.#then(event);
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
   * itself must reach those who know of the object whatever becomes of the files.
   */
  async #assemble(event: ServedEvent): Promise<ServedEvent | undefined> {
    const read = readRevision(event.object);
    const uid = read.value.metadata.uid ?? '';
    const deleted = event.type === 'DELETED';
    if (deleted && this.#unheard.delete(uid)) return undefined;
    try {
      const object = await assembleResources(this.#parts, read, this.#signal);
      const type = this.#unheard.delete(uid) ? 'ADDED' : event.type;
      return { ...event, type, object: deleted ? withRevision(object, event.revision) : object, previous: undefined };
    } catch (error) {
      this.#signal.throwIfAborted();
      if (deleted) {
        const object = withRevision(serveResources(this.#parts, read, []), event.revision);
        return { ...event, object, previous: undefined };
      }
      const { registrations } = this.#parts;
      if (registrations.get(read.key.namespace, read.value.spec.repository ?? '') !== undefined) throw error;
      if (event.type === 'ADDED') this.#unheard.add(uid);
      return undefined;
    }
  }

  #then(step: Step): void {
    this.#steps.push(step);
    if (!this.#running) void this.#run();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    this.#running = true;
    for (let step = this.#steps.shift(); step !== undefined; step = this.#steps.shift()) {
      if (this.#over) continue;
      try {
        await this.#handOn(step);
      } catch (error) {
        if (!this.#signal.aborted) this.fail(error instanceof Error ? error : new Error(String(error)));
      }
    }
    this.#running = false;
    this.#progress();
  }

  async #handOn(step: Step): Promise<void> {
    if (typeof step === 'function') return step();
    await this.#sink.taken?.();
    if (turns.over) await turns.next();
    if (this.#over) return;
    const assembled = await this.#assemble(step);
    if (assembled !== undefined) this.#sink.event(assembled);
  }

  get #over(): boolean {
    return this.#failed || this.#signal.aborted;
  }

  #progress(): void {
    if (this.#seen > 0 && !this.#running && !this.#failed) this.#sink.progress(this.#seen);
  }
}
