import { isMap, isScalar } from 'yaml';
import { keyText } from './node-edits.ts';
import { meaningOf, saysSame } from './says-same.ts';

/**
 * Finds for the items that a sequence is to have those that it has: the same at the same place, the same elsewhere, one of the same
 * `name`, the one at the same place; each once. Takes about as long as reading the items, however many there are.
 *
 * @returns the items by those that are wanted
 */
export function matchItems(before: readonly unknown[], wanted: readonly unknown[]): ReadonlyMap<unknown, unknown> {
  const free = new Set(before);
  const chosen = new Map<unknown, unknown>();
  const choose = (find: (item: unknown, index: number) => unknown): void => {
    for (const [index, item] of wanted.entries()) {
      const found = chosen.has(item) ? undefined : find(item, index);
      if (found !== undefined && free.delete(found)) chosen.set(item, found);
    }
  };
  choose((item, index) => (saysSame(before[index], item) ? before[index] : undefined));
  const same = new Candidates(free, meaningOf);
  choose((item) => same.take(item, (each) => saysSame(each, item)));
  const named = new Candidates(free, nameOf);
  choose((item) => named.take(item, () => true));
  choose((_, index) => before[index]);
  return chosen;
}

/** Items by what they have in common, each to be taken once, the first one first. */
class Candidates {
  readonly #keyOf: (item: unknown) => string | undefined;
  /** Last ones first. */
  readonly #items = new Map<string, unknown[]>();

  constructor(items: Iterable<unknown>, keyOf: (item: unknown) => string | undefined) {
    this.#keyOf = keyOf;
    for (const item of [...items].reverse()) {
      const key = keyOf(item);
      if (key === undefined) continue;
      const others = this.#items.get(key);
      if (others === undefined) this.#items.set(key, [item]);
      else others.push(item);
    }
  }

  take(wanted: unknown, isRight: (item: unknown) => boolean): unknown {
    const key = this.#keyOf(wanted);
    const items = key === undefined ? undefined : this.#items.get(key);
    const index = items?.findLastIndex(isRight) ?? -1;
    return items?.splice(index, index < 0 ? 0 : 1)[0];
  }
}

function nameOf(item: unknown): string | undefined {
  if (!isMap(item)) return undefined;
  const name = item.items.find((pair) => keyText(pair.key) === 'name')?.value;
  return isScalar(name) && typeof name.value === 'string' ? name.value : undefined;
}
