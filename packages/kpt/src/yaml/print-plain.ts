import { isMap, isScalar, isSeq, Scalar } from 'yaml';

/** Strings that need no quotes wherever they stand in a block; words that some reader takes for something else are left out. */
const plainText = /^[A-Za-z_/](?:[\w./@:-]*[\w./])?$/;
const reservedWord = /^(?:y|yes|n|no|true|false|on|off|null)$/i;

/**
 * The text of a node without comments, anchors, tags and line breaks, as the printer would write it into a block; undefined for
 * others. Mappings of such scalars are printed in block style with lines that end in a newline, starting at `column`.
 */
export function printPlainScalar(node: Scalar): string | undefined {
  const { value, type } = node;
  if (typeof value !== 'string' || !isBare(node)) return undefined;
  if (type === Scalar.QUOTE_DOUBLE) return /^[ !#-[\]-~]*$/.test(value) ? `"${value}"` : undefined;
  if (type === Scalar.QUOTE_SINGLE) return /^[ -&(-~]*$/.test(value) ? `'${value}'` : undefined;
  if (type !== undefined && type !== Scalar.PLAIN) return undefined;
  return plainText.test(value) && !reservedWord.test(value) ? value : undefined;
}

/** The lines of a pair whose key and value are plain in the sense of `printPlainScalar`; undefined for others. */
export function printPlainPair(key: unknown, value: unknown, column: number): string | undefined {
  const name = isScalar(key) ? printPlainScalar(key) : undefined;
  if (name === undefined) return undefined;
  const start = `${' '.repeat(column)}${name}:`;
  if (isScalar(value)) {
    const text = printPlainScalar(value);
    return text === undefined ? undefined : `${start} ${text}\n`;
  }
  if (!isMap(value) || value.flow || value.items.length === 0 || !isBare(value)) return undefined;
  let lines = `${start}\n`;
  for (const pair of value.items) {
    const printed = printPlainPair(pair.key, pair.value, column + 2);
    if (printed === undefined) return undefined;
    lines += printed;
  }
  return lines;
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
