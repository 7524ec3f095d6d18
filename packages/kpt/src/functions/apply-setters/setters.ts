import { isNode, isScalar, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { detachedNode } from '../../yaml/detached-node.ts';
import { scalarText } from '../../yaml/node-edits.ts';
import { commentList, lineComment, listComment, makeEmptyList } from '../line-comments.ts';
import { setScalarText } from '../scalar-text.ts';
import { parsedList } from '../setters/parsed-list.ts';
import {
  currentSetterValues,
  replaceReferences,
  setterComment,
  setterName,
  setterPattern,
  setterReferences,
  soleSetter,
} from '../setters/setter-pattern.ts';

/** Values of setters by name. */
export type SetterValues = ReadonlyMap<string, string>;

/**
 * Sets a scalar whose comment has setters among the given ones.
 *
 * @returns its new text; undefined where it is none of ours
 * @throws Error where a setter of the pattern is neither given nor found in the present value
 */
export function applyToScalar(scalar: Scalar, setters: SetterValues): string | undefined {
  const pattern = setterPattern(lineComment(scalar));
  if (pattern === undefined || !mentions(pattern, setters)) return undefined;
  const current = currentSetterValues(pattern, scalarText(scalar));
  const missing = new Set<string>();
  const text = replaceReferences(pattern, (reference) => {
    const name = setterName(reference);
    const value = setters.get(name) ?? current.get(name);
    if (value === undefined) missing.add(reference);
    return value ?? '';
  });
  if (missing.size > 0) throw new Error(`values for setters [${[...missing].join(' ')}] must be provided`);
  setScalarText(scalar, text);
  return text;
}

/**
 * Sets a list of a mapping whose comment is a setter among the given ones.
 *
 * @returns the setter's value; undefined where it is none of ours
 * @throws Error where the comment is more than one setter, or the value no list
 */
export function applyToList(list: YAMLSeq, parent: YAMLMap, setters: SetterValues): string | undefined {
  const pattern = setterPattern(listComment(list));
  if (pattern === undefined || !mentions(pattern, setters)) return undefined;
  const name = soleSetter(pattern);
  if (name === undefined) throw new Error(`invalid setter pattern for array node: ${JSON.stringify(pattern)}`);
  const value = setters.get(name) ?? '';
  const comment = ` ${setterComment(pattern)}`;
  const items = value === '' ? [] : listItems(list, value);
  if (items.length === 0) makeEmptyList(list, comment, parent);
  else {
    list.items = items;
    commentList(list, comment, parent);
  }
  return value;
}

function mentions(pattern: string, setters: SetterValues): boolean {
  return setterReferences(pattern).some((reference) => setters.has(setterName(reference)));
}

/** The items a setter's value stands for. Where an item stays what it was it keeps its node, and so its comments. */
function listItems(list: YAMLSeq, value: string): unknown[] {
  const parsed = parsedList(value);
  if (parsed === undefined) {
    throw new Error(`input to array setter must be an array of values, but found ${JSON.stringify(value)}`);
  }
  return parsed.list.items.map((item, index) => {
    const old = list.items[index];
    if (isScalar(item) && isScalar(old) && old.value === item.value) return old;
    return isNode(item) ? detachedNode(item, parsed.document) : item;
  });
}
