import { isMap, isNode, isScalar, isSeq, type Node, Scalar } from 'yaml';
import { AliasTargets } from '../../yaml/alias-targets.ts';
import { detachedNode } from '../../yaml/detached-node.ts';
import { detachKeyComment, hasKeyComment } from '../../yaml/key-comments.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { findPair, scalarText } from '../../yaml/node-edits.ts';
import type { PathStep } from './field-path.ts';
import { isMeant, showSelector } from './object-selection.ts';
import type { FieldOptions, ObjectSelector, ReplacementSource } from './replacement-config.ts';

/**
 * The value that a replacement carries, as a node of no document.
 *
 * @throws Error where no object, or more than one, is meant, or it lacks the field
 */
export function sourceValue(source: ReplacementSource, objects: readonly KrmObject[]): Node {
  if ('value' in source) return new Scalar(source.value);
  const { select, fieldPath, options } = source;
  const object = sourceObject(select, objects);
  const node = lookUp(object, fieldPath.steps);
  if (node === undefined || isEmpty(node)) {
    throw new Error(`fieldPath \`${fieldPath.text}\` is missing for replacement source ${showSelector(select)}`);
  }
  return refine(withoutKeyComment(detachedNode(node, object.document)), options);
}

/** What stands on the line of the source's key is about that field. */
function withoutKeyComment(node: Node): Node {
  if (!hasKeyComment(node)) return node;
  node.commentBefore = node.commentBefore?.split('\n').slice(1).join('\n') || null;
  detachKeyComment(node);
  return node;
}

function sourceObject(select: ObjectSelector, objects: readonly KrmObject[]): KrmObject {
  const [first, second] = objects.filter((object) => isMeant(object, select));
  if (first === undefined) throw new Error(`nothing selected by ${showSelector(select)}`);
  if (second !== undefined) throw new Error(`multiple matches for selector ${showSelector(select)}`);
  return first;
}

function lookUp(object: KrmObject, steps: readonly PathStep[]): Node | undefined {
  const aliases = new AliasTargets(object.document);
  let node: unknown = object.document.contents;
  for (const step of steps) node = aliases.resolve(follow(aliases, node, step));
  return isNode(node) ? node : undefined;
}

function follow(aliases: AliasTargets, node: unknown, step: PathStep): unknown {
  if (step.type === 'all') throw new Error('a source field path must mean one field; `*` means several');
  if (step.type === 'key') {
    if (isMap(node)) return findPair(node, step.key)?.value;
    return isSeq(node) ? elementAt(node.items, step.key) : undefined;
  }
  if (!isSeq(node)) return undefined;
  return node.items.find((item) => {
    const element = aliases.resolve(item);
    const field = step.field === '' || !isMap(element) ? element : findPair(element, step.field)?.value;
    const scalar = aliases.resolve(field);
    return isScalar(scalar) && (step.field === '' || isMap(element)) && scalarText(scalar) === step.value;
  });
}

/** The element at a number; `-` is the last. */
function elementAt(items: readonly unknown[], key: string): unknown {
  if (key === '-') return items.at(-1);
  return /^[0-9]+$/.test(key) ? items[Number(key)] : undefined;
}

function isEmpty(node: Node): boolean {
  if (isScalar(node)) return node.value === null;
  return (isMap(node) || isSeq(node)) && node.items.length === 0;
}

function refine(node: Node, { delimiter, index }: FieldOptions): Node {
  if (delimiter === '') return node;
  if (!isScalar(node)) throw new Error('delimiter option can only be used with scalar nodes');
  const text = scalarText(node);
  const part = text.split(delimiter)[index];
  if (part === undefined) throw new Error(`options.index ${index} is out of bounds for value ${text}`);
  return new Scalar(part);
}
