import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  Scalar,
  YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { detachedNode } from './detached-node.ts';
import { hasKeyComment, itemFor, setKeyComment } from './key-comments.ts';
import { isTypeTag } from './unfit-tags.ts';

/** Where a field is in a document: keys of mappings and positions of sequences, from the root. */
export type FieldPath = readonly (string | number)[];

/** What a field can hold, as plain data. */
export type FieldValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly FieldValue[]
  | { readonly [key: string]: FieldValue | undefined };

/** The name of no field: what stands for a key that is a mapping or a sequence, or an alias of one. */
const noName = '\0';

/**
 * The key of a mapping's pair as text, whatever scalar it is written as. Keys that are mappings or sequences are never spelled out:
 * nested in one another they would take memory without end.
 */
export function keyText(key: unknown): string {
  if (isScalar(key)) return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
  return typeof key === 'string' ? key : noName;
}

/** The pair of a mapping with the given key. */
export function findPair(map: YAMLMap, key: string) {
  return map.items.find((pair) => keyText(pair.key) === key);
}

/** The node an alias stands for, or the node itself. */
export function resolveAlias(document: Document, node: unknown): Node | undefined {
  if (isAlias(node)) return node.resolve(document);
  return isScalar(node) || isMap(node) || isSeq(node) ? node : undefined;
}

/** The node at a path; undefined where any part of the path is missing. Follows aliases. */
export function nodeAt(document: Document, path: FieldPath): Node | undefined {
  let node = resolveAlias(document, document.contents);
  for (const part of path) {
    if (isMap(node)) node = resolveAlias(document, findPair(node, String(part))?.value);
    else if (isSeq(node)) node = resolveAlias(document, node.items[Number(part)]);
    else return undefined;
  }
  return node;
}

/** The text of a scalar as a reader would quote it: `8080` for a number, the characters of a string. */
export function scalarText(scalar: Scalar): string {
  if (typeof scalar.value === 'string') return scalar.value;
  if (scalar.value === null || scalar.value === undefined) return '';
  return scalar.source ?? String(scalar.value);
}

/**
 * Makes a node hold a value by changing as little as possible: scalars keep their quotes, mappings their order, and whatever
 * stays keeps its comments.
 *
 * @returns the node to put in the old one's place, usually the same, and whether anything changed
 */
export function assignValue(document: Document, node: unknown, value: FieldValue): { node: Node; changed: boolean } {
  if (isScalar(node) && isScalarValue(value)) return assignScalar(node, value);
  if (isMap(node) && isMappingValue(value)) return { node, changed: assignMap(document, node, value) };
  if (isSeq(node) && Array.isArray(value)) return { node, changed: assignSeq(document, node, value) };
  const made = createNode(document, value);
  if (isAlias(node)) takeComments(made, node);
  return { node: made, changed: true };
}

/** Gives a node that takes an alias's place the comments around that; a block's own line is seen to by whoever puts it there. */
function takeComments(made: Node, { comment, commentBefore, spaceBefore }: Alias): void {
  if (isScalar(made) && comment) made.comment = comment;
  if (commentBefore) made.commentBefore = commentBefore;
  if (spaceBefore) made.spaceBefore = spaceBefore;
}

/** A new node of plain data, in block style, without aliases. */
export function createNode(document: Document, value: FieldValue): Node {
  return document.createNode(value, { aliasDuplicateObjects: false });
}

function isScalarValue(value: FieldValue): value is string | number | bigint | boolean | null {
  return value === null || typeof value !== 'object';
}

function isMappingValue(value: FieldValue): value is { readonly [key: string]: FieldValue | undefined } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function assignScalar(node: Scalar, value: string | number | bigint | boolean | null) {
  if (node.value === value) return { node, changed: false };
  // A text in the place of another, `!!float 1`, is meant as a text.
  if (typeof node.value !== typeof value || (typeof value === 'string' && isTypeTag(node.tag))) delete node.tag;
  delete node.source;
  delete node.format;
  delete node.minFractionDigits;
  const isBlock = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
  if (node.type !== undefined && !node.type.startsWith('QUOTE') && isBlock !== String(value).includes('\n')) {
    delete node.type;
  }
  node.value = value;
  return { node, changed: true };
}

function assignMap(
  document: Document,
  map: YAMLMap,
  value: { readonly [key: string]: FieldValue | undefined },
): boolean {
  const before = map.items.length;
  const wanted = new Map<string, FieldValue>();
  for (const [key, field] of Object.entries(value)) if (field !== undefined) wanted.set(key, field);
  map.items = map.items.filter((pair) => wanted.has(keyText(pair.key)));
  const isShorter = map.items.length !== before;
  return setKeys(document, map, wanted) || isShorter;
}

function assignSeq(document: Document, seq: YAMLSeq, value: readonly FieldValue[]): boolean {
  let changed = seq.items.length !== value.length;
  if (seq.items.length === 0 && value.length > 0) seq.flow = false;
  seq.items.length = Math.min(seq.items.length, value.length);
  for (const [index, wanted] of value.entries()) {
    const result = assignValue(document, seq.items[index], wanted);
    seq.items[index] = result.node;
    changed ||= result.changed;
  }
  return changed;
}

/** Sets one key of a mapping, appending it where it is new. Says whether anything changed. */
export function setKey(document: Document, map: YAMLMap, key: string, value: FieldValue): boolean {
  return setPair(document, map, findPair(map, key), key, value);
}

/** Sets keys of a mapping, appending new ones in the order given: as often `setKey`, in time that does not grow with the square. */
function setKeys(document: Document, map: YAMLMap, values: ReadonlyMap<string, FieldValue>): boolean {
  const pairs = new Map(map.items.toReversed().map((pair) => [keyText(pair.key), pair]));
  let changed = false;
  for (const [key, value] of values) changed = setPair(document, map, pairs.get(key), key, value) || changed;
  return changed;
}

function setPair(document: Document, map: YAMLMap, pair: Pair | undefined, key: string, value: FieldValue): boolean {
  if (pair !== undefined) {
    let isChanged = false;
    fillField(pair, (old) => {
      const { node, changed } = assignValue(document, old, value);
      isChanged = changed;
      return node;
    });
    return isChanged;
  }
  if (map.items.length === 0) map.flow = false;
  map.items.push(document.createPair(key, createNode(document, value)));
  return true;
}

/**
 * Gives the block that fills a field the comment that stood after its `null`, `{}` or text, to be written after the key, unless it brings
 * one of its own.
 */
function moveComment(from: Node, block: YAMLMap | YAMLSeq): void {
  const { comment } = from;
  if (!comment || comment.includes('\n') || (from !== block && hasKeyComment(block))) return;
  delete from.comment;
  setKeyComment(block, comment);
}

/**
 * Puts a value into a field, given what makes it of the old one; a comment beside the old one then stands beside the key where the value is
 * a block.
 */
export function fillField(pair: Pair, make: (old: unknown) => Node): void {
  const old = pair.value;
  const isBeside = isScalar(old) || isAlias(old) || ((isMap(old) || isSeq(old)) && old.items.length === 0);
  const value = make(old);
  pair.value = value;
  if (isBeside && (isMap(value) || isSeq(value)) && !value.flow && value.items.length > 0) moveComment(old, value);
}

/**
 * Sets the field at a path, making the mappings on the way where they are missing.
 *
 * @returns whether anything changed
 * @throws where the path runs into a scalar, or beyond the end of a sequence
 */
export function setAt(document: Document, path: FieldPath, value: FieldValue): boolean {
  const last = path.at(-1);
  if (last === undefined) {
    const result = assignValue(document, document.contents, value);
    document.contents = result.node;
    return result.changed;
  }
  const container = containerOf(document, path.slice(0, -1));
  if (isSeq(container)) {
    const index = Number(last);
    if (Number.isNaN(index)) throw new TypeError(`field ${path.slice(0, -1).join('.')} is a sequence, not a mapping`);
    if (!(index >= 0 && index <= container.items.length))
      throw new RangeError(`no element ${last} at ${path.join('.')}`);
    const result = assignValue(document, container.items[index], value);
    container.items[index] = result.node;
    return result.changed;
  }
  return setKey(document, container, String(last), value);
}

/**
 * Sets fields of the mapping at a path, making it and the mappings on the way where they are missing.
 *
 * @returns whether anything changed
 * @throws where the path runs into something else
 */
export function setAllAt(document: Document, path: FieldPath, values: ReadonlyMap<string, FieldValue>): boolean {
  if (values.size === 0) return false;
  const container = containerOf(document, path);
  if (!isMap(container)) throw new TypeError(`field ${path.join('.')} is not a mapping`);
  return setKeys(document, container, values);
}

/** What is written through an alias is meant for this place alone: it gets a copy of what the alias stands for. */
function ownNode(document: Document, node: unknown): unknown {
  return isAlias(node) && node.resolve(document) !== undefined ? itemFor(node, detachedNode(node, document)) : node;
}

/** The same for the value of a field, whose comment then stands beside the key. */
function ownField(document: Document, pair: Pair): void {
  const { value } = pair;
  if (isAlias(value) && value.resolve(document) !== undefined) fillField(pair, () => detachedNode(value, document));
}

/** The mapping or sequence at a path, made where it is missing, to be changed. */
function containerOf(document: Document, path: FieldPath): YAMLMap | YAMLSeq {
  document.contents ??= new YAMLMap(document.schema);
  let node = resolveAlias(document, document.contents);
  for (const [depth, part] of path.entries()) {
    if (isMap(node)) {
      const map: YAMLMap = node;
      const pair = findPair(map, String(part));
      if (pair !== undefined) ownField(document, pair);
      let next = resolveAlias(document, pair?.value);
      if (next === undefined || (isScalar(next) && next.value === null)) {
        const made = new YAMLMap(document.schema);
        if (pair !== undefined) {
          if (next !== undefined) moveComment(next, made);
          pair.value = made;
        } else {
          if (map.items.length === 0) map.flow = false;
          map.items.push(document.createPair(String(part), made));
        }
        next = made;
      } else if (isMap(next) && next.items.length === 0 && next === pair?.value) moveComment(next, next);
      node = next;
    } else if (isSeq(node)) {
      const index = Number(part);
      if (index in node.items) node.items[index] = ownNode(document, node.items[index]);
      node = resolveAlias(document, node.items[index]);
    }
    if (!isMap(node) && !isSeq(node)) {
      throw new TypeError(`field ${path.slice(0, depth + 1).join('.')} is neither a mapping nor a sequence`);
    }
  }
  if (!isMap(node) && !isSeq(node)) throw new TypeError('the document is neither a mapping nor a sequence');
  return node;
}

/** Whether a mapping or sequence has a field of its own. */
function holds(container: Node | undefined, field: string | number): boolean {
  if (isSeq(container)) return Number(field) in container.items;
  return isMap(container) && findPair(container, String(field)) !== undefined;
}

/** Removes the field at a path. Says whether it was there. */
export function deleteAt(document: Document, path: FieldPath): boolean {
  const last = path.at(-1);
  if (last === undefined || !holds(nodeAt(document, path.slice(0, -1)), last)) return false;
  const container = containerOf(document, path.slice(0, -1));
  if (isSeq(container)) container.items.splice(Number(last), 1);
  else {
    container.items.splice(
      container.items.findIndex((pair) => keyText(pair.key) === String(last)),
      1,
    );
  }
  return true;
}
