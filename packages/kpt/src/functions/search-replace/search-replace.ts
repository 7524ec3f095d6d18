import { type Document, isScalar, isSeq, type Node, type Scalar, visit, type YAMLMap, type YAMLSeq } from 'yaml';
import type { FunctionResultItem } from '../../pipeline/results.ts';
import { detachedNode } from '../../yaml/detached-node.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { keyText } from '../../yaml/node-edits.ts';
import { printYaml } from '../../yaml/print-node.ts';
import { canHaveField, type FieldPredicate, fieldsLeftAlone } from '../fields-left-alone.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { canHaveComments, commentList, setLineComment } from '../line-comments.ts';
import { failure, messageOf, showObject } from '../reporting.ts';
import { printScalar, setScalarText, writtenText } from '../scalar-text.ts';
import { joinPath, walkFields } from '../walk-fields.ts';
import { filePattern } from './file-pattern.ts';
import { isPlainPath, type PathPredicate, pathPattern, putPath } from './path-pattern.ts';
import { commentLine, fillTemplate, readSearchConfig, type SearchConfig } from './search-config.ts';

/** Finds fields by value, path and file, and puts values or comments into them. */
export const searchReplace: KrmFunction = { name: 'search-replace', tags: ['v0.2.1', 'v0.2'], run };

function run({ items, config }: FunctionInput): FunctionOutput {
  const results: FunctionResultItem[] = [];
  try {
    const wanted = readSearchConfig(config);
    const inFile = wanted.filePath === '' ? () => true : filePattern(wanted.filePath);
    const paths = pathPattern(wanted.path);
    for (const object of items) {
      if (!inFile(object.path ?? '')) continue;
      const isWanted = paths(fieldTexts(object));
      const isLeftAlone = fieldsLeftAlone(object, searchReplace, config, wanted.path);
      const here = canHaveComments(object) ? wanted : { ...wanted, putComment: '' };
      const search = new ObjectSearch(object, here, isWanted, isLeftAlone);
      try {
        results.push(...search.run());
      } catch (error) {
        throw new Error(`${messageOf(error)} (${showObject(object)})`, { cause: error });
      }
    }
  } catch (error) {
    const reason = messageOf(error);
    return failure(`failed to perform search-replace operation: ${JSON.stringify(reason)}`, reason);
  }
  return { results: results.length > 0 ? results : [{ message: 'no matches' }] };
}

/** Reads scalars by path; the object is walked when the first one is asked for. */
function fieldTexts(object: KrmObject): (path: string) => string | undefined {
  let texts: Map<string, string> | undefined;
  return (path) => {
    if (texts === undefined) {
      const found = new Map<string, string>();
      walkFields(object, { scalar: (scalar, at) => found.set(at, writtenText(scalar)) });
      texts = found;
    }
    return texts.get(path);
  };
}

class ObjectSearch {
  readonly #object: KrmObject;
  readonly #wanted: SearchConfig;
  readonly #matchesPath: PathPredicate;
  readonly #isLeftAlone: FieldPredicate;
  readonly #results: FunctionResultItem[] = [];

  constructor(object: KrmObject, wanted: SearchConfig, matchesPath: PathPredicate, isLeftAlone: FieldPredicate) {
    this.#object = object;
    this.#wanted = wanted;
    this.#matchesPath = matchesPath;
    this.#isLeftAlone = isLeftAlone;
  }

  run(): readonly FunctionResultItem[] {
    const { value, regex, path, putValue, putComment } = this.#wanted;
    if (isPlainPath(path) && value === '' && regex === undefined && putValue !== '') {
      if (!this.#isLeftAlone(path)) this.#put(path, putValue, putComment);
      return this.#results;
    }
    walkFields(this.#object, {
      mapping: (map, parent) => {
        if (putComment === '' || path === '') return;
        for (const { key, value: list } of map.items) {
          const at = joinPath(parent, keyText(key));
          if (!isSeq(list) || list.items.length === 0 || this.#isLeftAlone(at)) continue;
          if (this.#matchesPath(at)) this.#commentList(list, map);
        }
      },
      scalar: (scalar, at) => {
        if (!this.#isLeftAlone(at) && this.#matches(scalar, at)) this.#change(scalar, at);
      },
    });
    return this.#results;
  }

  #matches(scalar: Scalar, at: string): boolean {
    const { value, regex, path } = this.#wanted;
    if (value === '' && regex === undefined) return path !== '' && this.#matchesPath(at);
    const text = writtenText(scalar);
    const found = regex === undefined ? text === value : regex.matcher(text).find();
    return found && (path === '' || this.#matchesPath(at));
  }

  #change(scalar: Scalar, at: string): void {
    const { regex, putValue, putComment } = this.#wanted;
    const text = writtenText(scalar);
    if (putComment !== '') setLineComment(scalar, commentLine(fillTemplate(putComment, regex, text)));
    if (putValue !== '') setScalarText(scalar, fillTemplate(putValue, regex, text));
    this.#note(at, printScalar(scalar));
  }

  /** Sets the field, making it and what it is in where they are missing. */
  #put(path: string, value: string, comment: string): void {
    const field = this.#fieldAt(path);
    if (field === undefined) return;
    setScalarText(field, value);
    if (comment !== '') setLineComment(field, comment);
    this.#note(path, value);
  }

  /** The scalar at a path, made where it is missing; undefined where the object cannot have it. */
  #fieldAt(path: string): Scalar | undefined {
    const parts = putPath(path);
    const present = this.#object.node(parts);
    if (isScalar(present)) return present;
    let found: Scalar | undefined;
    walkFields(this.#object, {
      scalar: (scalar, at) => {
        if (at === path) found ??= scalar;
      },
    });
    if (found !== undefined || !canHaveField(this.#object, parts, '')) return found;
    this.#object.set(parts, null);
    const made = this.#object.node(parts);
    if (!isScalar(made)) throw new Error(`there is no field ${path} to put a value into`);
    return made;
  }

  #commentList(list: YAMLSeq, parent: YAMLMap): void {
    const { path, putComment } = this.#wanted;
    commentList(list, ` ${putComment}`, parent);
    this.#note(`${path} # ${putComment}`, showList(list, this.#object.document));
  }

  #note(path: string, value: string): void {
    const { putValue, putComment } = this.#wanted;
    const text = JSON.stringify(value);
    const message =
      putValue !== '' || putComment !== '' ? `Mutated field value to ${text}` : `Matched field value ${text}`;
    const file = this.#object.path;
    this.#results.push({ message, field: { path }, ...(file !== undefined && { file: { path: file } }) });
  }
}

/** A list in brackets, without its comments. */
function showList(list: YAMLSeq, document: Document): string {
  const shown = detachedNode(list, document) as YAMLSeq;
  shown.flow = true;
  const clear = (_: unknown, node: Node) => {
    node.commentBefore = null;
    node.comment = null;
  };
  visit(shown, { Node: clear });
  return printYaml(shown, 'compact').trim();
}
