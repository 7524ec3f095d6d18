import { isMap, isNode, isScalar, type Node, visit } from 'yaml';
import { keyText } from './node-edits.ts';
import { lineOf, meaningOf, saysSame } from './says-same.ts';

/** How many items that differ in their comments alone are looked at for one that is wanted. */
const mostAlike = 100;

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
  const commented = new Candidates(free, commentedMeaning);
  choose((item) => commented.take(item, (each) => saysSame(each, item)));
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
    if (items === undefined) return undefined;
    const last = Math.max(0, items.length - mostAlike);
    for (let index = items.length - 1; index >= last; index -= 1) {
      if (isRight(items[index])) return items.splice(index, 1)[0];
    }
    return undefined;
  }
}

/** What an item says and the comments on its lines; undefined where it has none. */
function commentedMeaning(item: unknown): string | undefined {
  const lines: string[] = [];
  const note = (_: unknown, node: Node) => {
    const line = lineOf(node).trim();
    if (line !== '') lines.push(line);
  };
  if (isNode(item)) visit(item, { Node: note });
  return lines.length === 0 ? undefined : [meaningOf(item), ...lines].join('\n');
}

function nameOf(item: unknown): string | undefined {
  if (!isMap(item)) return undefined;
  const name = item.items.find((pair) => keyText(pair.key) === 'name')?.value;
  return isScalar(name) && typeof name.value === 'string' ? name.value : undefined;
}
