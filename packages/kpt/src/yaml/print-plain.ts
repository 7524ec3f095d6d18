import { isMap, isPair, isScalar, isSeq, Scalar } from 'yaml';
import type { SequenceIndent } from './layout.ts';

/** Strings that need no quotes wherever they stand in a block; words that some reader takes for something else are left out. */
const plainText = /^(?:[A-Za-z_/]|\d+\/)(?:[\w./@"'`()[\],=+-]|:(?! )| (?=[\w./"'`([]))*(?<=[\w./"'`)\]])$/;
const reservedWord = /^(?:y|yes|n|no|true|false|on|off|null|e[-+]?[\d_]+)$/i;
/** Sentences that would be read as a key or with a comment without quotes; in quotes they stand as they are. */
const quotedText = /^[A-Za-z](?=.*(?:: | #))[ -[\]-~]*$/;
/** The status of a condition, which is a text. */
const truth = /^(?:True|False)$/;

/** The text of a scalar without comments, anchors, tags and line breaks, as the printer would write it into a block; undefined for others. */
export function printPlainScalar(node: Scalar): string | undefined {
  const { value, type } = node;
  if (!isBare(node)) return undefined;
  if (typeof value !== 'string') return isCount(node) ? String(value) : undefined;
  if (type === undefined && quotedText.test(value)) return inQuotes(value);
  if (type === Scalar.QUOTE_DOUBLE) return /^[ !#-[\]-~]*$/.test(value) ? `"${value}"` : undefined;
  if (type === Scalar.QUOTE_SINGLE) return /^[ -&(-~]*$/.test(value) ? `'${value}'` : undefined;
  if (type !== undefined && type !== Scalar.PLAIN) return undefined;
  if (type === undefined && truth.test(value)) return `"${value}"`;
  return plainText.test(value) && !reservedWord.test(value) ? value : undefined;
}

/** A text in the quotes that it does not have; undefined where it has both. */
function inQuotes(text: string): string | undefined {
  if (!text.includes('"')) return `"${text}"`;
  return text.includes("'") ? undefined : `'${text}'`;
}

/** Whether it is a whole number that is to be written, or was, as any other. */
function isCount({ value, source, format, minFractionDigits }: Scalar): boolean {
  const isOdd = (source !== undefined && source !== String(value)) || format !== undefined;
  if (isOdd || minFractionDigits !== undefined) return false;
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}

/**
 * The lines of a pair, each with a newline, starting at `column`: its key and all in its value are plain in the sense of
 * `printPlainScalar`, or mappings and sequences of such in block style; undefined for others.
 */
export function printPlainPair(
  key: unknown,
  value: unknown,
  column: number,
  indent: SequenceIndent,
): string | undefined {
  const name = isScalar(key) ? printPlainScalar(key) : undefined;
  if (name === undefined) return undefined;
  const start = `${' '.repeat(column)}${name}:`;
  if (isScalar(value)) {
    const text = printPlainScalar(value);
    return text === undefined ? undefined : `${start} ${text}\n`;
  }
  const lines = printPlainBlock(value, isSeq(value) && indent === 'compact' ? column : column + 2, indent);
  return lines === undefined ? undefined : `${start}\n${lines}`;
}

function printPlainBlock(node: unknown, column: number, indent: SequenceIndent): string | undefined {
  if (!(isMap(node) || isSeq(node)) || node.flow || node.items.length === 0 || !isBare(node)) return undefined;
  let lines = '';
  for (const item of node.items) {
    const printed = isPair(item)
      ? printPlainPair(item.key, item.value, column, indent)
      : printPlainItem(item, column, indent);
    if (printed === undefined) return undefined;
    lines += printed;
  }
  return lines;
}

/** The first line of an item stands behind its dash. */
function printPlainItem(item: unknown, column: number, indent: SequenceIndent): string | undefined {
  const dash = `${' '.repeat(column)}- `;
  if (isScalar(item)) {
    const text = printPlainScalar(item);
    return text === undefined ? undefined : `${dash}${text}\n`;
  }
  const lines = printPlainBlock(item, column + 2, indent);
  return lines === undefined ? undefined : dash + lines.slice(column + 2);
}

/**
 * Whether a tree is printed so that nobody can read it as anything else, wherever in a block it stands: no comments, blank lines,
 * anchors, tags or aliases, and every scalar on one line.
 */
export function isBareTree(node: unknown): boolean {
  if (node === null || node === undefined) return true;
  if (isScalar(node)) return isBare(node) && !(typeof node.value === 'string' && node.value.includes('\n'));
  if (isSeq(node)) return isBare(node) && node.items.every(isBareTree);
  if (!isMap(node) || !isBare(node)) return false;
  return node.items.every(({ key, value }) => isScalar(key) && isBareTree(key) && isBareTree(value));
}

interface Decorated {
  readonly tag?: string;
  readonly anchor?: string;
  readonly comment?: string | null;
  readonly commentBefore?: string | null;
  readonly spaceBefore?: boolean;
}

function isBare({ tag, anchor, comment, commentBefore, spaceBefore }: Decorated): boolean {
  return !tag && !anchor && !comment && !commentBefore && !spaceBefore;
}
