import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { AliasTargets } from '../../yaml/alias-targets.ts';
import { MergedPairs, MergeError } from '../../yaml/merged-pairs.ts';
import { keyText } from '../../yaml/node-edits.ts';
import { StarlarkError } from '../errors.ts';
import { type Budget, sizes } from '../limits.ts';
import { normalize } from '../operators/integers.ts';
import { Dict } from '../values/dict.ts';
import { Float } from '../values/float.ts';
import { List } from '../values/list.ts';
import type { StarlarkObject, Value } from '../values/value.ts';

/** How many values aliases may stand for in all. Aliases of aliases can stand for more than any memory holds. */
const mostCopies = 500_000;

/**
 * The value of a document: mappings as dicts with keys of text and with what they merge, `1.0` as a float, integers of any size exactly.
 *
 * @param made - is told which value was made of which mapping or sequence, those behind aliases left out
 */
export function fromYaml(
  document: Document,
  budget: Budget,
  made: (value: StarlarkObject, node: Node) => void = () => {},
): Value {
  const aliases = new AliasTargets(document);
  const merges = new MergedPairs((node) => aliases.resolve(node));
  const pairsOf = (map: YAMLMap): readonly Pair[] => {
    try {
      return merges.of(map);
    } catch (error) {
      if (error instanceof MergeError) throw new StarlarkError(`yaml: ${error.message}`, { cause: error });
      throw error;
    }
  };
  let copies = 0;
  const convert = (node: unknown, depth: number, isCopy: boolean): Value => {
    if (isCopy) copies += 1;
    if (copies > mostCopies) throw new StarlarkError(`yaml: aliases stand for more than ${mostCopies} values`);
    budget.step(8);
    budget.allocate(64);
    budget.nesting(depth);
    if (isAlias(node)) {
      const target = aliases.resolve(node);
      if (target === undefined) throw new StarlarkError(`yaml: the alias ${node.source} stands for nothing`);
      return convert(target, depth + 1, true);
    }
    if (isMap(node)) {
      budget.allocate(sizes.table);
      const dict = new Dict();
      for (const { key, value } of pairsOf(node)) dict.set(nameOf(key), convert(value, depth + 1, isCopy), budget);
      if (!isCopy) made(dict, node);
      return dict;
    }
    if (isSeq(node)) {
      budget.allocate(sizes.list);
      const list = new List(node.items.map((item) => convert(item, depth + 1, isCopy)));
      if (!isCopy) made(list, node);
      return list;
    }
    return isScalar(node) ? scalarValue(node) : null;
  };
  return convert(document.contents, 0, false);
}

/** @throws StarlarkError for a key that has no text */
function nameOf(key: unknown): string {
  if (!isCollection(key) && !isAlias(key)) return keyText(key);
  throw new StarlarkError('yaml: a key that is itself a mapping or a sequence cannot stand in a dict');
}

/** The value of a scalar. As for Kubernetes, `0644` is octal. */
export function scalarValue(scalar: Scalar): Value {
  const { value, source } = scalar;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return normalize(value);
  if (typeof value !== 'number') return value === null || value === undefined ? null : String(value);
  if (!Number.isInteger(value)) return new Float(value);
  if (source === undefined) return Number.isSafeInteger(value) ? value : new Float(value);
  const octal = /^([-+]?)0([0-7]+)$/.exec(source);
  if (octal !== null) return normalize(BigInt(`0o${octal[2]}`) * (octal[1] === '-' ? -1n : 1n));
  if (/^[-+]?[0-9]+$/.test(source)) return normalize(BigInt(source.replace(/^\+/, '')));
  if (/^0[xo]/.test(source)) return normalize(BigInt(source));
  return new Float(value);
}
