import type { ObjectKey, ServedObject, WatchCache } from '@porch/apiserver';
import { revisionStates } from './records.ts';

/** How a state with an intent looks in its bytes; texts of users have their quotes escaped. */
const mark = '"intent":{';

/** Knows which revisions have a push of unknown outcome, without reading all states. Built when first asked, kept up to date. */
export class IntentIndex {
  readonly #objects: WatchCache;
  readonly #keys = new Map<string, ObjectKey>();
  #stop: (() => void) | undefined;

  constructor(objects: WatchCache) {
    this.#objects = objects;
  }

  /** Keys of the states that have an intent now. */
  keys(): readonly ObjectKey[] {
    this.#build();
    return [...this.#keys.values()];
  }

  close(): void {
    this.#stop?.();
  }

  #build(): void {
    if (this.#stop !== undefined) return;
    const { revision, items } = this.#objects.list(revisionStates);
    for (const item of items) this.#put(item);
    this.#stop = this.#objects.watch(revisionStates, revision, (event) => {
      if (event.type === 'DELETED') this.#keys.delete(textOf(event.object.key));
      else this.#put(event.object);
    });
  }

  #put(state: ServedObject): void {
    if (state.bytes.includes(mark)) this.#keys.set(textOf(state.key), state.key);
    else this.#keys.delete(textOf(state.key));
  }
}

function textOf({ namespace, name }: ObjectKey): string {
  return `${namespace}/${name}`;
}
