import { isMap, isScalar, isSeq, type Node } from 'yaml';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { scalarText } from '../../yaml/node-edits.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { checkTextLength } from '../made-text-limits.ts';
import { failure, messageOf, showObject } from '../reporting.ts';
import { setScalarTextKeepingType } from '../scalar-text.ts';
import { targetPredicate } from './object-selection.ts';
import { type FieldOptions, type Replacement, type ReplacementTarget, readReplacements } from './replacement-config.ts';
import { sourceValue } from './source-field.ts';
import { changeFields, type TargetField } from './target-fields.ts';

/** Copies values of fields into other fields, as kustomize's replacements do. */
export const applyReplacements: KrmFunction = { name: 'apply-replacements', tags: ['v0.1.5', 'v0.1'], run };

function run({ items, config }: FunctionInput): FunctionOutput {
  try {
    for (const [index, replacement] of readReplacements(config).entries()) {
      inContext(`replacements[${index}]`, () => replace(items, replacement));
    }
    return { results: [] };
  } catch (error) {
    return failure(messageOf(error));
  }
}

function replace(items: readonly KrmObject[], { source, targets }: Replacement): void {
  const value = sourceValue(source, items);
  for (const target of targets) {
    const isTarget = targetPredicate(target);
    for (const object of items.filter(isTarget)) {
      inContext(showObject(object), () => replaceIn(object, target, value));
    }
  }
}

function replaceIn(object: KrmObject, { fieldPaths, options }: ReplacementTarget, value: Node): void {
  for (const path of fieldPaths) {
    const found = changeFields(object, path, options.create, (field) => assign(field, value, options));
    if (found === 0) {
      const wanted = options.create ? 'find or create' : 'find';
      throw new Error(`unable to ${wanted} field ${JSON.stringify(path.text)} in replacement target`);
    }
  }
}

/** Puts the value into a field. Of a scalar only the text changes: type, quotes and comments stay as they are. */
function assign({ node, created, replace: put }: TargetField, value: Node, options: FieldOptions): void {
  if (options.delimiter !== '') {
    if (!isScalar(node) || !isScalar(value)) throw new Error('delimiter option can only be used with scalar nodes');
    setScalarTextKeepingType(node, splice(scalarText(node), scalarText(value), options));
  } else if (isScalar(node) && isScalar(value) && !created && node.value !== null) {
    setScalarTextKeepingType(node, scalarText(value));
  } else {
    const copy = value.clone() as Node;
    const isOnLine = isScalar(copy) || ((isMap(copy) || isSeq(copy)) && copy.flow);
    if (isOnLine && isScalar(node)) copy.comment = node.comment ?? null;
    put(copy);
  }
}

/** Replaces one part of a text; before the first or after the last, adds one. @throws Error for a text that would be too long */
function splice(text: string, part: string, { delimiter, index }: FieldOptions): string {
  checkTextLength(text.length + delimiter.length + part.length);
  const parts = text.split(delimiter);
  if (index < 0) parts.unshift(part);
  else if (index >= parts.length) parts.push(part);
  else parts[index] = part;
  return parts.join(delimiter);
}

function inContext(what: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw new Error(`${what}: ${messageOf(error)}`, { cause: error });
  }
}
