import { Bytes } from '../values/bytes.ts';

/** The start of a string literal. */
export interface StringStart {
  /** Where the text within the quotes starts. */
  readonly start: number;
  readonly quote: string;
  readonly isRaw: boolean;
  readonly isBytes: boolean;
}

const opening = /([rR]?[bB]?|[bB][rR])("""|'''|"|')/y;

/** The literal that starts at a place; undefined where there is none. */
export function stringStart(source: string, at: number): StringStart | undefined {
  opening.lastIndex = at;
  const match = opening.exec(source);
  if (match === null) return undefined;
  const [text, prefix = '', quote = ''] = match;
  return { start: at + text.length, quote, isRaw: /r/i.test(prefix), isBytes: /b/i.test(prefix) };
}

/** Reads a literal: what it stands for, and where its text ends. */
export function readString(
  source: string,
  literal: StringStart,
  error: (reason: string) => Error,
): { value: string | Bytes; end: number } {
  const { start, quote, isRaw, isBytes } = literal;
  const end = closing(source, literal, error);
  const text = source.slice(start, end);
  const after = end + quote.length;
  if (isBytes) return { value: isRaw ? Bytes.encode(text) : new Bytes(unescapeBytes(text, error)), end: after };
  return { value: isRaw || !text.includes('\\') ? text : unescapeText(text, error), end: after };
}

function closing(source: string, { start, quote }: StringStart, error: (reason: string) => Error): number {
  const isTriple = quote.length === 3;
  for (let at = start; at < source.length; at++) {
    if (source.startsWith(quote, at)) return at;
    if (source[at] === '\\') at += 1;
    else if (source[at] === '\n' && !isTriple) throw error('unexpected newline in string');
  }
  throw error('unexpected EOF in string');
}

const simple: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};

const escapeSequence = /\\([0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[^])/g;

function unescapeText(text: string, error: (reason: string) => Error): string {
  return text.replace(escapeSequence, (whole, sequence: string) => {
    const known = simple[sequence];
    if (known !== undefined) return known;
    const code = codeOf(sequence, error);
    if (!/^u/i.test(sequence) && code > 0x7f) {
      throw error(`non-ASCII escape ${whole} in a string (use \\u${code.toString(16).padStart(4, '0')})`);
    }
    return character(code, sequence, error);
  });
}

function unescapeBytes(text: string, error: (reason: string) => Error): Uint8Array {
  const parts: Uint8Array[] = [];
  const encoder = new TextEncoder();
  let at = 0;
  for (const match of text.matchAll(escapeSequence)) {
    parts.push(encoder.encode(text.slice(at, match.index)));
    at = match.index + match[0].length;
    const sequence = match[1] ?? '';
    const known = simple[sequence];
    if (known !== undefined) {
      parts.push(encoder.encode(known));
      continue;
    }
    const code = codeOf(sequence, error);
    if (/^u/i.test(sequence)) parts.push(encoder.encode(character(code, sequence, error)));
    else if (code > 0xff) throw error(`invalid escape sequence \\${sequence}`);
    else parts.push(Uint8Array.of(code));
  }
  parts.push(encoder.encode(text.slice(at)));
  return Buffer.concat(parts);
}

function codeOf(sequence: string, error: (reason: string) => Error): number {
  if (/^[0-7]/.test(sequence)) return Number.parseInt(sequence, 8);
  if (/^[xuU]./.test(sequence)) return Number.parseInt(sequence.slice(1), 16);
  if (/^[xuU]$/.test(sequence)) throw error(`truncated escape sequence \\${sequence}`);
  throw error(`invalid escape sequence \\${sequence}`);
}

function character(code: number, sequence: string, error: (reason: string) => Error): string {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    throw error(`invalid Unicode code point in escape sequence \\${sequence}`);
  }
  return String.fromCodePoint(code);
}
