import { withRevision } from '../storage/served.ts';
import type { ServedEvent, ServedObject } from '../storage/served-object.ts';

/**
 * Events as a watch with selectors shows them: what comes to match is ADDED, what no longer matches is DELETED with its old
 * content and the event's revision. Converted events are made once and shared by all watches of one `SelectedEvents`, so that
 * each is also encoded once.
 */
export class SelectedEvents {
  readonly #entered = new WeakMap<ServedEvent, ServedEvent>();
  readonly #left = new WeakMap<ServedEvent, ServedEvent>();
  readonly #initial = new WeakMap<ServedObject, ServedEvent>();

  /** The event to show, or undefined when it does not concern the watch. */
  select(event: ServedEvent, matches: ((object: ServedObject) => boolean) | undefined): ServedEvent | undefined {
    if (matches === undefined) return event;
    const { type, object, previous } = event;
    if (type === 'DELETED') return matches(previous ?? object) ? event : undefined;
    const before = previous !== undefined && matches(previous);
    if (matches(object)) return before || previous === undefined ? event : this.#enter(event);
    return before ? this.#leave(event, previous) : undefined;
  }

  /** The synthetic ADDED that a watch begins with for an object that is there. */
  initial(object: ServedObject): ServedEvent {
    let event = this.#initial.get(object);
    if (event === undefined) {
      event = { type: 'ADDED', revision: object.revision, object, previous: undefined };
      this.#initial.set(object, event);
    }
    return event;
  }

  #enter(event: ServedEvent): ServedEvent {
    let entered = this.#entered.get(event);
    if (entered === undefined) {
      entered = { type: 'ADDED', revision: event.revision, object: event.object, previous: undefined };
      this.#entered.set(event, entered);
    }
    return entered;
  }

  #leave(event: ServedEvent, previous: ServedObject): ServedEvent {
    let left = this.#left.get(event);
    if (left === undefined) {
      const { revision } = event;
      left = { type: 'DELETED', revision, object: withRevision(previous, revision), previous };
      this.#left.set(event, left);
    }
    return left;
  }
}
