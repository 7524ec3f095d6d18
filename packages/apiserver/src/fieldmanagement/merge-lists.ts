import { appliedItems, byElement, type ListItem, storedItems } from './list-items.ts';
import { mergeValues } from './merge.ts';
import type { PathElement } from './path-element.ts';
import type { KeyedListStructure, SetStructure } from './structure.ts';

/**
 * Merges lists whose items are owned one by one. Items of the configuration come in its order; items that only the live list has
 * keep their place beside the neighbours they have in it.
 */
export function mergeLists(
  live: readonly unknown[],
  config: readonly unknown[],
  structure: SetStructure | KeyedListStructure,
  path: readonly PathElement[],
): unknown[] {
  const wanted = appliedItems(config, structure, path);
  const stored = storedItems(live, structure);
  const before = byElement(stored);
  const mergeItem = ({ element, value }: ListItem): unknown => {
    const olds = before.get(element) ?? [];
    // Of items that stand there several times, none is the one to merge with.
    if (structure.type === 'set' || olds.length !== 1) return value;
    return mergeValues(olds[0], value, structure.item, [...path, element]);
  };
  return new ListMerge(stored, wanted, mergeItem).run();
}

class ListMerge {
  readonly #live: readonly ListItem[];
  readonly #config: readonly ListItem[];
  readonly #mergeItem: (item: ListItem) => unknown;
  /** Items that both lists have, in the order of the configuration. */
  readonly #shared: readonly PathElement[];
  readonly #inConfig: ReadonlySet<PathElement>;
  readonly #result: unknown[] = [];
  #nextShared = 0;

  constructor(live: readonly ListItem[], config: readonly ListItem[], mergeItem: (item: ListItem) => unknown) {
    this.#live = live;
    this.#config = config;
    this.#mergeItem = mergeItem;
    this.#inConfig = new Set(config.map(({ element }) => element));
    const inLive = new Set(live.map(({ element }) => element));
    this.#shared = config.map(({ element }) => element).filter((element) => inLive.has(element));
  }

  run(): unknown[] {
    let next = 0;
    for (const item of this.#live) {
      if (!this.#inConfig.has(item.element)) {
        this.#result.push(item.value);
        continue;
      }
      // A shared item that comes too early waits until the configuration gets to it.
      if (this.#shared[this.#nextShared] !== item.element) continue;
      while (this.#config[next]?.element !== item.element) next = this.#take(next);
      next = this.#take(next);
    }
    while (next < this.#config.length) next = this.#take(next);
    return this.#result;
  }

  #take(index: number): number {
    const item = this.#config[index];
    if (item === undefined) throw new Error('a shared item is missing from the configuration');
    if (this.#shared[this.#nextShared] === item.element) this.#nextShared++;
    this.#result.push(this.#mergeItem(item));
    return index + 1;
  }
}
