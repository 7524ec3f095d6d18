import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Budget } from '../../starlark/limits.ts';
import { scalarValue } from '../../starlark/modules/yaml-values.ts';
import { equals } from '../../starlark/operators/equality.ts';
import { Dict } from '../../starlark/values/dict.ts';
import type { Value } from '../../starlark/values/value.ts';
import { AliasTargets } from '../../yaml/alias-targets.ts';
import { detachedNode } from '../../yaml/detached-node.ts';
import { MergedPairs, MergeError } from '../../yaml/merged-pairs.ts';
import { keyText } from '../../yaml/node-edits.ts';
import { elementsOf } from './sequence-elements.ts';

/** Whether a document says the same as a value, aliases followed and merge keys applied. */
export function saysSame(document: Document, value: Value, budget: Budget): boolean {
  return new DocumentReading(document, budget).says(document.contents, value);
}

/** What the nodes of a document say. */
export class DocumentReading {
  readonly #document: Document;
  readonly #aliases: AliasTargets;
  readonly #budget: Budget;

  constructor(document: Document, budget: Budget) {
    this.#document = document;
    this.#aliases = new AliasTargets(document);
    this.#budget = budget;
  }

  /** Lets aliases stand for what they do now, whatever becomes of the document. */
  remember(): this {
    this.#aliases.find();
    return this;
  }

  /** A copy of a node with what its aliases stand for in place of them. */
  copyOf(node: Node): Node {
    return detachedNode(node, this.#document, this.#aliases);
  }

  /** The pairs of a mapping, those that it merges included; undefined where what it merges is no longer there. */
  pairsOf(map: YAMLMap): readonly Pair[] | undefined {
    return unlessGone(() => this.#merges().of(map));
  }

  /** Whether a node says the same as a value now. What merges a mapping that is no longer there says nothing. */
  says(node: unknown, value: Value): boolean {
    return unlessGone(() => this.#same(node, value, this.#merges())) ?? false;
  }

  /** What has been merged is not kept: mappings may change in between. */
  #merges(): MergedPairs {
    return new MergedPairs((node) => this.#aliases.resolve(node));
  }

  #same(node: unknown, wanted: Value, merges: MergedPairs): boolean {
    this.#budget.step(8);
    const target = this.#aliases.resolve(node);
    if (isMap(target)) {
      if (!(wanted instanceof Dict)) return false;
      const pairs = merges.of(target);
      if (wanted.length !== pairs.length) return false;
      return pairs.every((pair) => {
        const inner = wanted.get(keyText(pair.key), this.#budget);
        return inner !== undefined && this.#same(pair.value, inner, merges);
      });
    }
    if (isSeq(target)) {
      const elements = elementsOf(wanted);
      if (elements === undefined || elements.length !== target.items.length) return false;
      return target.items.every((item, index) => this.#same(item, elements[index] ?? null, merges));
    }
    if (isAlias(node) && target === undefined) return false;
    return equals(isScalar(target) ? scalarValue(target) : null, wanted, this.#budget);
  }
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof MergeError) return undefined;
    throw error;
  }
}
