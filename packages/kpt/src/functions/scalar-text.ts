import { type Document, isScalar, parseDocument, Scalar } from 'yaml';
import { scalarText } from '../yaml/node-edits.ts';
import { printYaml } from '../yaml/print-node.ts';
import { withoutAtEnd } from '../yaml/text-end.ts';
import { dropUnfitTag } from '../yaml/unfit-tags.ts';

/**
 * Makes a scalar say a text, as if a person had typed it over the old one: quotes and block style stay, and what stands
 * there without quotes is read anew, so that `4` becomes a number.
 */
export function setScalarText(node: Scalar, text: string): void {
  if (saysText(node, text)) return;
  delete node.tag;
  if (node.type !== undefined && node.type !== Scalar.PLAIN) {
    assign(node, new Scalar(text));
    const isBlock = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
    if (isBlock && !text.includes('\n')) delete node.type;
    return;
  }
  const typed = plainScalar(text);
  if (typed !== undefined) {
    assign(node, typed);
    return;
  }
  assign(node, new Scalar(text));
  if (text === '') node.type = Scalar.QUOTE_DOUBLE;
  if (text.includes('\n')) delete node.type;
}

/**
 * Makes a scalar say a text while it stays of the type it was, where the text allows that: a string stays a string, with
 * quotes if it would be read as something else; anything else is read anew.
 */
export function setScalarTextKeepingType(node: Scalar, text: string): void {
  if (saysText(node, text)) return;
  if (typeof node.value !== 'string') {
    setScalarText(node, text);
    return;
  }
  assign(node, new Scalar(text));
  dropUnfitTag(node);
  const isBlock = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
  if (!node.type?.startsWith('QUOTE') && isBlock !== text.includes('\n')) delete node.type;
}

/** Whether a scalar says a text already. A null says nothing, which is not the empty text. */
function saysText(node: Scalar, text: string): boolean {
  return node.value !== null && node.value !== undefined && scalarText(node) === text;
}

/** The text of a scalar as it stands in the file, quotes left out: also of a null, be that `null`, `~` or nothing at all. */
export function writtenText(node: Scalar): string {
  return node.value === null || node.value === undefined ? (node.source ?? 'null') : scalarText(node);
}

/** A scalar as it stands in the file, quotes and comment included. */
export function printScalar(node: Scalar): string {
  const copy = node.clone() as Scalar;
  copy.commentBefore = null;
  delete copy.anchor;
  return withoutAtEnd(printYaml(copy, 'compact'), ' \r\n');
}

/** Meanings of short texts: one value is often written to many places. */
const meanings = new Map<string, Scalar | undefined>();
const mostMeanings = 1000;
const longestMeaning = 256;

/**
 * What a text means without quotes; undefined where it can only be said in quotes or would be printed differently. Shared: nobody may
 * change it.
 */
function plainScalar(text: string): Scalar | undefined {
  if (text.length > longestMeaning) return readPlainScalar(text);
  if (meanings.has(text)) return meanings.get(text);
  if (meanings.size >= mostMeanings) meanings.clear();
  const meaning = readPlainScalar(text);
  meanings.set(text, meaning);
  return meaning;
}

function readPlainScalar(text: string): Scalar | undefined {
  if (text === '' || text.includes('\n')) return undefined;
  const { contents, errors }: Document = parseDocument(text, {
    compat: 'yaml-1.1',
    uniqueKeys: false,
    logLevel: 'error',
  });
  if (errors.length > 0 || !isScalar(contents) || contents.type !== Scalar.PLAIN) return undefined;
  if (contents.comment || contents.tag) return undefined;
  return printScalar(contents) === text ? contents : undefined;
}

/** Takes over value and notation, leaving comments, quotes and anchor. */
function assign(node: Scalar, from: Scalar): void {
  for (const key of ['source', 'format', 'minFractionDigits'] as const) delete node[key];
  node.value = from.value;
  if (from.source !== undefined) node.source = from.source;
  if (from.format !== undefined) node.format = from.format;
  if (from.minFractionDigits !== undefined) node.minFractionDigits = from.minFractionDigits;
}
