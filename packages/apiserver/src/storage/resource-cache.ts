import { EventLog } from './event-log.ts';
import type { ExtractionRules } from './extraction.ts';
import { FieldIndexes } from './field-index.ts';
import { serveStored, withRevision } from './served.ts';
import type { ServedEvent, ServedObject } from './served-object.ts';
import { comparePlaces, placeText, SortedObjects } from './sorted-objects.ts';
import type { Change } from './store.ts';
import type { EventListener, ListQuery } from './watch-cache-api.ts';

/** Someone who follows a resource; `position` is the last revision that was handed over. */
export interface Watcher {
  readonly listener: EventListener;
  position: number;
}

/** States of the past that were asked for lately, so that the pages of one list share the work of undoing. */
const rememberedStates = 4;

/** Current objects, recent events and watchers of one resource. */
export class ResourceCache {
  readonly rules: ExtractionRules | undefined;
  readonly objects: SortedObjects;
  readonly events = new EventLog();
  readonly watchers = new Set<Watcher>();
  readonly #indexes: FieldIndexes;
  readonly #past = new Map<number, readonly ServedObject[]>();

  constructor(rules: ExtractionRules | undefined, objects: ServedObject[] = []) {
    this.rules = rules;
    this.objects = new SortedObjects(objects);
    this.#indexes = new FieldIndexes(this.objects);
  }

  /** Makes a change current and returns its event. Nobody is told yet. */
  apply(change: Change): ServedEvent {
    const previous = this.objects.get(change.object.key);
    const event = toEvent(change, previous, () => serveStored(change.object, this.rules, change.decoded));
    if (event.type === 'DELETED') this.objects.delete(change.object.key);
    else this.objects.set(event.object);
    this.#indexes.apply(event);
    this.events.push(event);
    return event;
  }

  /** The current objects in order, or a part of them with all that a query chooses: to be read at once, not kept. */
  candidates({ fields }: ListQuery): readonly ServedObject[] {
    return this.#indexes.candidates(fields);
  }

  /** The objects as they were at a revision that the events reach back to. */
  at(revision: number): readonly ServedObject[] {
    const known = this.#past.get(revision);
    if (known !== undefined) return known;
    const undone = new Map<string, ServedObject | undefined>();
    for (const event of this.events.after(revision)) {
      const place = placeText(event.object.key);
      if (!undone.has(place)) undone.set(place, event.previous);
    }
    if (undone.size === 0) return this.objects.all;
    const past = this.objects.all.filter((object) => !undone.has(placeText(object.key)));
    for (const previous of undone.values()) if (previous !== undefined) past.push(previous);
    past.sort((a, b) => comparePlaces(a.key, b.key));
    this.#remember(revision, past);
    return past;
  }

  /** Lets go of states before a revision. */
  forgetBefore(revision: number): void {
    for (const at of this.#past.keys()) if (at < revision) this.#past.delete(at);
  }

  #remember(revision: number, past: readonly ServedObject[]): void {
    this.#past.set(revision, past);
    for (const oldest of this.#past.keys()) {
      if (this.#past.size <= rememberedStates) break;
      this.#past.delete(oldest);
    }
  }
}

/** The event of a change to an object whose state before is known. `serve` makes the new state. */
export function toEvent(change: Change, previous: ServedObject | undefined, serve: () => ServedObject): ServedEvent {
  const { revision } = change;
  if (change.type === 'delete') {
    const object = previous === undefined ? serve() : withRevision(previous, revision);
    return { type: 'DELETED', revision, object, previous };
  }
  return { type: previous === undefined ? 'ADDED' : 'MODIFIED', revision, object: serve(), previous };
}
