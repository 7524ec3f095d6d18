import { Queue } from './queue.ts';
import type { ServedEvent } from './served-object.ts';

/** Recent events of one resource, oldest first. */
export class EventLog {
  readonly #events = new Queue<ServedEvent>();

  push(event: ServedEvent): void {
    this.#events.push(event);
  }

  shift(): ServedEvent | undefined {
    return this.#events.shift();
  }

  /** Events after a revision; finding them costs the logarithm of what is kept. */
  after(revision: number): ServedEvent[] {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events.at(middle)?.revision ?? 0) > revision) high = middle;
      else low = middle + 1;
    }
    const found: ServedEvent[] = [];
    for (let at = low; at < this.#events.length; at++) {
      const event = this.#events.at(at);
      if (event !== undefined) found.push(event);
    }
    return found;
  }
}
