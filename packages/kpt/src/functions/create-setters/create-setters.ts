import { isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import type { FunctionResultItem } from '../../pipeline/results.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { keyText } from '../../yaml/node-edits.ts';
import { type FieldPredicate, fieldsLeftAlone } from '../fields-left-alone.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { configData } from '../function-config.ts';
import { canHaveComments, commentList, makeEmptyList, setLineComment } from '../line-comments.ts';
import { failure, messageOf } from '../reporting.ts';
import { writtenText } from '../scalar-text.ts';
import { setterComment } from '../setters/setter-pattern.ts';
import { joinPath, walkFields } from '../walk-fields.ts';
import { type FieldPatterns, fieldPatterns } from './field-patterns.ts';
import { listTexts } from './list-texts.ts';

/** Marks the fields whose values are those of setters with comments that apply-setters understands. */
export const createSetters: KrmFunction = { name: 'create-setters', tags: ['v0.1.0', 'v0.1'], run };

function run({ items, config }: FunctionInput): FunctionOutput {
  let data: ReadonlyMap<string, string>;
  try {
    data = configData(config);
  } catch (error) {
    return fail(messageOf(error));
  }
  if (data.size === 0) return fail('config map cannot be empty');
  const patterns = fieldPatterns(data);
  const results: FunctionResultItem[] = [];
  for (const object of items.filter(canHaveComments))
    mark(object, patterns, fieldsLeftAlone(object, createSetters, config), results);
  return results.length > 0 ? { results } : fail('no matches for the input list of setters');
}

function fail(reason: string): FunctionOutput {
  return failure(`failed to create setters: ${reason}`, reason);
}

function mark(
  object: KrmObject,
  patterns: FieldPatterns,
  isLeftAlone: FieldPredicate,
  results: FunctionResultItem[],
): void {
  const file = object.path === undefined ? {} : { file: { path: object.path } };
  const note = (path: string, value: string, comment: string) => {
    const message = `Added line comment ${JSON.stringify(comment)} for field with value ${JSON.stringify(value)}`;
    results.push({ message, field: { path }, ...file });
  };
  walkFields(object, {
    mapping(map, path) {
      for (const { key, value: list } of map.items) {
        const at = joinPath(path, keyText(key));
        if (!isSeq(list) || isLeftAlone(at)) continue;
        const texts = listTexts(list);
        const name = patterns.ofList(list, object.document);
        if (name !== undefined) {
          const comment = setterComment(`\${${name}}`);
          markList(list, ` ${comment}`, map);
          note(at, `[${texts.join(' ')}]`, comment);
        } else if (list.flow && !map.flow && texts.some((text) => patterns.ofText(text) !== undefined)) {
          // Only items on lines of their own can have comments.
          delete list.range;
          list.flow = false;
        }
      }
    },
    scalar(scalar, path) {
      const text = writtenText(scalar);
      const pattern = isKptAnnotation(path) || isLeftAlone(path) ? undefined : patterns.ofText(text);
      if (pattern === undefined) return;
      const comment = setterComment(pattern);
      setLineComment(scalar, comment);
      note(path, text, comment);
    },
  });
}

function markList(list: YAMLSeq, comment: string, parent: YAMLMap): void {
  if (list.items.length === 0) makeEmptyList(list, comment, parent);
  else commentList(list, comment, parent);
}

function isKptAnnotation(path: string): boolean {
  return /\.annotations\.(internal\.)?config\.kubernetes\.io/.test(path);
}
