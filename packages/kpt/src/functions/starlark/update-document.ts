import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Budget } from '../../starlark/limits.ts';
import { scalarValue } from '../../starlark/modules/yaml-values.ts';
import { equals } from '../../starlark/operators/equality.ts';
import { Dict } from '../../starlark/values/dict.ts';
import { Float } from '../../starlark/values/float.ts';
import { type Plain, keyText as textOfKey, toPlain } from '../../starlark/values/plain.ts';
import { repr } from '../../starlark/values/repr.ts';
import type { StarlarkObject, Value } from '../../starlark/values/value.ts';
import { itemFor } from '../../yaml/key-comments.ts';
import { hasMergeKey, isMergeKey } from '../../yaml/merged-pairs.ts';
import { assignValue, createNode, fillField, findPair, keyText } from '../../yaml/node-edits.ts';
import { DocumentReading, saysSame } from './same-value.ts';
import { elementsOf } from './sequence-elements.ts';

/** Which node each dict and list of a script was made of. */
export type NodeOrigins = ReadonlyMap<StarlarkObject, Node>;

/**
 * Makes a document say what a value says. What did not change keeps its nodes and with them its comments and bytes, also where it
 * has moved within its sequence; and so do aliases and merge keys that still stand for what is wanted where they are.
 */
export function updateDocument(document: Document, value: Dict, origins: NodeOrigins, budget: Budget): void {
  if (saysSame(document, value, budget)) return;
  document.contents = new Update(document, origins, budget, new DocumentReading(document, budget).remember()).node(
    document.contents,
    value,
  );
  if (saysSame(document, value, budget)) return;
  // An anchor has gone, moved, or changed after its alias was looked at.
  document.contents = new Update(document, origins, budget).node(document.contents, value);
}

class Update {
  readonly #document: Document;
  readonly #origins: NodeOrigins;
  readonly #budget: Budget;
  readonly #reading: DocumentReading | undefined;

  /** @param reading - without it no alias and no merge key is kept */
  constructor(document: Document, origins: NodeOrigins, budget: Budget, reading?: DocumentReading) {
    this.#document = document;
    this.#origins = origins;
    this.#budget = budget;
    this.#reading = reading;
  }

  /** The node in place of an old one. */
  node(old: unknown, value: Value): Node {
    this.#budget.step(1);
    if (isAlias(old)) {
      if (this.#reading === undefined) return createNode(this.#document, this.#plain(value));
      return this.#reading.says(old, value) ? old : this.node(this.#reading.copyOf(old), value);
    }
    if (isMap(old) && value instanceof Dict) return this.#map(old, value);
    const elements = elementsOf(value);
    if (isSeq(old) && elements !== undefined) return this.#sequence(old, elements);
    if (isScalar(old) && !(value instanceof Dict) && elements === undefined) {
      if (equals(scalarValue(old), value, this.#budget)) return old;
      return assignValue(this.#document, old, this.#plain(value)).node;
    }
    return createNode(this.#document, this.#plain(value));
  }

  #map(map: YAMLMap, dict: Dict): Node {
    const wanted = new Map<string, Value>();
    for (const [key, value] of dict.entries()) wanted.set(textOfKey(key, '', this.#budget), value);
    if (hasMergeKey(map)) map.items = this.#withoutMerges(map, wanted);
    map.items = map.items.filter((pair) => isMergeKey(pair.key) || wanted.has(keyText(pair.key)));
    for (const pair of map.items) {
      if (isMergeKey(pair.key)) continue;
      const key = keyText(pair.key);
      fillField(pair, (old) => this.node(old, wanted.get(key) ?? null));
      wanted.delete(key);
    }
    if (map.items.length === 0 && wanted.size > 0) map.flow = false;
    for (const key of [...wanted.keys()].sort()) {
      map.items.push(this.#document.createPair(key, createNode(this.#document, this.#plain(wanted.get(key) ?? null))));
    }
    return map;
  }

  /** The pairs of a mapping that merges others: as they are if all that is merged is wanted, otherwise with copies of those. */
  #withoutMerges(map: YAMLMap, wanted: Map<string, Value>): Pair[] {
    const reading = this.#reading;
    const pairs = reading?.pairsOf(map);
    if (reading === undefined || pairs === undefined) return map.items.filter((pair) => !isMergeKey(pair.key));
    const own = new Set(map.items);
    const merged = pairs.filter((pair) => !own.has(pair));
    const isWanted = merged.every(({ key, value }) => {
      const inner = wanted.get(keyText(key));
      return inner !== undefined && reading.says(value, inner);
    });
    if (!isWanted) return pairs.map((pair) => (own.has(pair) ? pair : this.#copy(pair, reading)));
    for (const { key } of merged) wanted.delete(keyText(key));
    return map.items;
  }

  #copy({ key, value }: Pair, reading: DocumentReading): Pair {
    const part = (node: unknown) => (isNode(node) ? reading.copyOf(node) : node);
    return this.#document.createPair(part(key), part(value));
  }

  #sequence(sequence: YAMLSeq, elements: readonly Value[]): Node {
    const old = new OldItems(sequence.items, this.#origins, this.#budget);
    const kept = elements.map((element) => old.takeSame(element));
    if (sequence.items.length === 0 && elements.length > 0) sequence.flow = false;
    const items = elements.map((element, index) => {
      const before = kept[index] ?? old.takeSimilar(element, index);
      return itemFor(before, this.node(before, element));
    });
    moveFirstComment(sequence, items);
    sequence.items = items;
    return sequence;
  }

  #plain(value: Value): Plain {
    return toPlain(value, this.#budget);
  }
}

/** The parser gives the comment before the first item to the sequence; it goes with the item where that moves. */
function moveFirstComment(sequence: YAMLSeq, items: readonly Node[]): void {
  const [first] = sequence.items;
  if (sequence.flow === true || !sequence.commentBefore || !isNode(first)) return;
  if (items[0] === first || !items.includes(first)) return;
  first.commentBefore = sequence.commentBefore;
  sequence.commentBefore = undefined;
}

/** The items of a sequence before a change, each to be taken once. */
class OldItems {
  readonly #items: readonly unknown[];
  readonly #origins: NodeOrigins;
  readonly #budget: Budget;
  readonly #free: Set<unknown>;
  /** Items that are scalars, and those that are mappings with a name, by what they hold; last ones first. */
  readonly #scalars = new Map<string, unknown[]>();
  readonly #named = new Map<string, unknown[]>();

  constructor(items: readonly unknown[], origins: NodeOrigins, budget: Budget) {
    this.#items = items;
    this.#origins = origins;
    this.#budget = budget;
    this.#free = new Set(items);
    for (const item of items.toReversed()) {
      const name = nameOf(item);
      if (isScalar(item)) push(this.#scalars, repr(scalarValue(item), budget), item);
      else if (name !== undefined) push(this.#named, name, item);
    }
  }

  /** The item that a value was made of, or that says the same. */
  takeSame(value: Value): unknown {
    if (value !== null && typeof value === 'object' && !(value instanceof Float)) {
      return this.#take(this.#origins.get(value));
    }
    return this.#takeFirst(this.#scalars.get(repr(value, this.#budget)));
  }

  /** The item with the same name, or at the same place. */
  takeSimilar(value: Value, index: number): unknown {
    const name = value instanceof Dict ? value.get('name', this.#budget) : undefined;
    const candidates = typeof name === 'string' ? this.#named.get(name) : undefined;
    return this.#takeFirst(candidates) ?? this.#take(this.#items[index]);
  }

  /** Those that have been taken otherwise are never looked at again, so that thousands of equal items take no longer than others. */
  #takeFirst(candidates: unknown[] = []): unknown {
    while (candidates.length > 0) {
      const item = this.#take(candidates.pop());
      if (item !== undefined) return item;
    }
    return undefined;
  }

  #take(item: unknown): unknown {
    return item !== undefined && this.#free.delete(item) ? item : undefined;
  }
}

function nameOf(item: unknown): string | undefined {
  const node = isMap(item) ? findPair(item, 'name')?.value : undefined;
  return isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
}

function push(map: Map<string, unknown[]>, key: string, item: unknown): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}
