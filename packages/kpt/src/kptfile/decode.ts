import { type Document, isMap, isScalar, isSeq, type Node } from 'yaml';
import { keyText, resolveAlias, scalarText } from '../yaml/node-edits.ts';

/** What a field may hold. Text fields take any scalar as it is written; `any` is not looked into. */
export type Shape =
  | 'text'
  | 'any'
  | { readonly list: Shape }
  | { readonly textMap: true }
  | { readonly fields: Readonly<Record<string, Shape>> };

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
 * @throws DecodeError for the first field that does not fit
 */
export function decodeDocument(document: Document, shape: Shape): unknown {
  return decode(document, document.contents, shape, '');
}

function decode(document: Document, node: unknown, shape: Shape, field: string): unknown {
  const target = resolveAlias(document, node);
  if (target === undefined || (isScalar(target) && target.value === null)) return undefined;
  if (shape === 'any') return target.toJS(document);
  if (shape === 'text') {
    if (!isScalar(target)) throw wrong(field, 'must be a single value', target);
    return scalarText(target);
  }
  if ('list' in shape) {
    if (!isSeq(target)) throw wrong(field, 'must be a list', target);
    return target.items.map((item, index) => decode(document, item, shape.list, `${field}[${index}]`) ?? {});
  }
  if (!isMap(target)) throw wrong(field, 'must be a mapping', target);
  const result: Record<string, unknown> = Object.create(null);
  for (const { key, value } of target.items) {
    const name = keyText(key);
    const path = field === '' ? name : `${field}.${name}`;
    const inner = 'textMap' in shape ? 'text' : Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
    if (inner === undefined) throw wrong(path, 'is unknown', isScalar(key) ? key : target);
    const decoded = decode(document, value, inner, path);
    if (decoded !== undefined) result[name] = decoded;
    else if ('textMap' in shape) result[name] = '';
  }
  return result;
}

function wrong(field: string, reason: string, node: Node): DecodeError {
  return new DecodeError(field === '' ? '.' : field, reason, node.range?.[0]);
}
