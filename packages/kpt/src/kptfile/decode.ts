import { type Document, isMap, isNode, isScalar, isSeq, type Node } from 'yaml';
import { AliasTargets } from '../yaml/alias-targets.ts';
import { mergedData } from '../yaml/merged-data.ts';
import { keyText, scalarText } from '../yaml/node-edits.ts';
import type { PlainData } from '../yaml/plain-text-data.ts';

/** What a field may hold. Text fields take any scalar as it is written; `any` is not looked into. */
export type Shape =
  | 'text'
  | 'any'
  | { readonly list: Shape }
  | { readonly textMap: true }
  | { readonly fields: Readonly<Record<string, Shape>> };

/**
 * Characters that the texts of a document may have together, each counted wherever an alias stands for it: what is decoded is sent on, and
 * kept, spelled out.
 */
export const mostCharacters = 1 << 20;

/** A field that is unknown or holds the wrong kind of value. */
export class DecodeError extends Error {
  readonly field: string;
  /** Where the field is in the document's text. */
  readonly offset: number | undefined;

  constructor(field: string, reason: string, offset: number | undefined) {
    super(`field \`${field}\`: ${reason}`);
    this.name = 'DecodeError';
    this.field = field;
    this.offset = offset;
  }
}

/**
 * Plain data of a document in the given shape. Null counts as absent.
 *
 * @throws DecodeError for the first field that does not fit, or with which the texts are longer than they may be
 */
export function decodeDocument(document: Document, shape: Shape): unknown {
  return new Decoder(document).decode(document.contents, shape, '');
}

/** The same of plain data that was read from a text alone; undefined where it does not fit. What may be anything is left out. */
export function decodePlainData(data: PlainData, shape: Shape): unknown {
  try {
    return fitted(data, shape);
  } catch (error) {
    if (error === unfit) return undefined;
    throw error;
  }
}

const unfit = new Error('does not fit');

function fitted(data: PlainData, shape: Shape): unknown {
  if (data === null || shape === 'any') return undefined;
  if (shape === 'text') {
    if (typeof data !== 'string') throw unfit;
    return data;
  }
  if (typeof data === 'string') throw unfit;
  if ('list' in shape) {
    if (!Array.isArray(data)) throw unfit;
    return data.map((item: PlainData) => fitted(item, shape.list) ?? {});
  }
  if (Array.isArray(data)) throw unfit;
  const result: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(data)) {
    const inner = innerShape(shape, name);
    if (inner === undefined) throw unfit;
    const decoded = fitted(value, inner);
    if (decoded !== undefined) result[name] = decoded;
    else if ('textMap' in shape) result[name] = '';
  }
  return result;
}

/** What a key of a mapping may hold; undefined where there may be no such key. */
function innerShape(shape: Exclude<Shape, string | { readonly list: Shape }>, name: string): Shape | undefined {
  if ('textMap' in shape) return 'text';
  return Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
}

class Decoder {
  readonly #document: Document;
  readonly #aliases: AliasTargets;
  #characters = 0;

  constructor(document: Document) {
    this.#document = document;
    this.#aliases = new AliasTargets(document);
  }

  decode(node: unknown, shape: Shape, field: string): unknown {
    const target = this.#aliases.resolve(node);
    if (!isNode(target) || (isScalar(target) && target.value === null)) return undefined;
    if (shape === 'any') return this.#anything(target, field);
    if (shape === 'text') {
      if (!isScalar(target)) throw wrong(field, 'must be a single value', target);
      const text = scalarText(target);
      this.#count(text, field, target);
      return text;
    }
    if ('list' in shape) {
      if (!isSeq(target)) throw wrong(field, 'must be a list', target);
      return target.items.map((item, index) => this.decode(item, shape.list, `${field}[${index}]`) ?? {});
    }
    if (!isMap(target)) throw wrong(field, 'must be a mapping', target);
    const result: Record<string, unknown> = Object.create(null);
    for (const { key, value } of target.items) {
      const name = keyText(key);
      this.#count(name, field, target);
      const path = field === '' ? name : `${field}.${name}`;
      const inner = innerShape(shape, name);
      if (inner === undefined) throw wrong(path, 'is unknown', isScalar(key) ? key : target);
      const decoded = this.decode(value, inner, path);
      if (decoded !== undefined) result[name] = decoded;
      else if ('textMap' in shape) result[name] = '';
    }
    return result;
  }

  #count(text: string, field: string, node: Node): void {
    this.#characters += text.length;
    if (this.#characters <= mostCharacters) return;
    const reason = `the texts up to here have more than ${mostCharacters} characters, with what aliases stand for`;
    throw wrong(field, reason, node);
  }

  #anything(node: Node, field: string): unknown {
    try {
      return mergedData(this.#document, node);
    } catch (error) {
      throw wrong(field, error instanceof Error ? error.message : String(error), node);
    }
  }
}

function wrong(field: string, reason: string, node: Node): DecodeError {
  return new DecodeError(field === '' ? '.' : field, reason, node.range?.[0]);
}
