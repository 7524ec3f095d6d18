/**
 * Reads the YAML that most people write and all programs print: nested mappings and sequences, one entry a line, with texts of one line,
 * plain or in quotes. It takes a tenth of the time that a parser takes which knows all of YAML and keeps comments and places.
 */

/** What such a text holds: scalars as they are written, a number thus as text; null where nothing, or a null, is written. */
export type PlainData = string | null | readonly PlainData[] | { readonly [key: string]: PlainData };

/** Neither tabs nor line ends of other systems, nor what YAML or JavaScript could take for a line end, a blank or a byte order mark. */
const usualCharacters = /^[\n\x20-\x7e\u00a1-\u167f\u2010-\u2027\u3001-\ud7ff]*$/;
/** A key of a mapping and the blanks before its value. */
const keyBeforeValue = /([A-Za-z][A-Za-z0-9_./-]{0,254}):(?: +|(?=\n|$))/y;
const restOfLine = /[^\n]*/y;
const plainScalar = /^[A-Za-z0-9_./]/;
const doubleQuoted = /^"([^"\\]*)"(?: *$| +#)/;
const singleQuoted = /^'([^']*)'(?: *$| +#)/;
const shortList = /^\[( *[A-Za-z0-9][A-Za-z0-9_./-]*(?: *, *[A-Za-z0-9][A-Za-z0-9_./-]*)*)? *\](?: *$| +#)/;
const emptyMapping = /^\{ *\}(?: *$| +#)/;
const nulls: ReadonlySet<string> = new Set(['null', 'Null', 'NULL']);
/** How deep mappings and sequences may stand in one another here. */
const mostDepth = 50;

/**
 * What a text holds whose top is a mapping; undefined for a text with anything that is not as simple as described above, which may be
 * good YAML or none. What this function makes of a text is what YAML 1.2 makes of it.
 */
export function plainTextData(text: string): { readonly [key: string]: PlainData } | undefined {
  if (!usualCharacters.test(text)) return undefined;
  try {
    return new Reader(text).top();
  } catch (error) {
    if (error === notPlain) return undefined;
    throw error;
  }
}

/** Ends the reading of a text that is not simple. */
const notPlain = new Error('not as simple as it has to be');

class Reader {
  readonly #text: string;
  /** Where what the current line says begins, and how many characters are before it in the line; -1 after the last line. */
  #at = 0;
  #indent = -1;

  constructor(text: string) {
    this.#text = text;
  }

  top(): { readonly [key: string]: PlainData } {
    this.#toLineFrom(0);
    if (this.#indent !== 0) throw notPlain;
    return this.#mapping(0, 0);
  }

  /** Goes to the first line from here on that is more than white space and comments. */
  #toLineFrom(lineStart: number): void {
    const text = this.#text;
    for (let start = lineStart; start < text.length; ) {
      let at = start;
      while (text[at] === ' ') at += 1;
      if (text[at] !== '\n' && text[at] !== '#' && at < text.length) {
        this.#at = at;
        this.#indent = at - start;
        return;
      }
      const end = text.indexOf('\n', at);
      start = end < 0 ? text.length : end + 1;
    }
    this.#indent = -1;
  }

  #mapping(indent: number, depth: number): { readonly [key: string]: PlainData } {
    if (depth > mostDepth) throw notPlain;
    const mapping: Record<string, PlainData> = Object.create(null);
    while (this.#indent === indent) {
      const key = this.#key();
      if (key === undefined || key in mapping || nulls.has(key)) throw notPlain;
      mapping[key] = this.#value(indent, depth + 1);
    }
    if (this.#indent > indent) throw notPlain;
    return mapping;
  }

  /** The key that begins here, after which its value may; undefined where none does. */
  #key(): string | undefined {
    keyBeforeValue.lastIndex = this.#at;
    const match = keyBeforeValue.exec(this.#text);
    if (match === null) return undefined;
    this.#at = keyBeforeValue.lastIndex;
    return match[1];
  }

  /** The value of a key of a mapping: in the same line, or in those after it. */
  #value(indent: number, depth: number): PlainData {
    const scalar = this.#inLine();
    if (scalar !== undefined) return scalar;
    if (this.#indent > indent && !this.#isAtDash()) return this.#mapping(this.#indent, depth);
    if (this.#indent >= indent && this.#isAtDash()) return this.#sequence(this.#indent, depth);
    return null;
  }

  #isAtDash(): boolean {
    return this.#text.startsWith('- ', this.#at);
  }

  #sequence(indent: number, depth: number): readonly PlainData[] {
    if (depth > mostDepth) throw notPlain;
    const items: PlainData[] = [];
    while (this.#indent === indent && this.#isAtDash()) items.push(this.#item(indent, depth + 1));
    if (this.#indent > indent) throw notPlain;
    return items;
  }

  #item(indent: number, depth: number): PlainData {
    const dash = this.#at;
    do this.#at += 1;
    while (this.#text[this.#at] === ' ');
    keyBeforeValue.lastIndex = this.#at;
    if (keyBeforeValue.test(this.#text)) {
      // The keys after this one stand where it stands.
      this.#indent = indent + this.#at - dash;
      return this.#mapping(this.#indent, depth);
    }
    const scalar = this.#inLine();
    if (scalar === undefined) throw notPlain;
    return scalar;
  }

  /** What the rest of the line says, undefined where it says nothing; goes on to the next line. */
  #inLine(): PlainData | undefined {
    restOfLine.lastIndex = this.#at;
    const [rest = ''] = restOfLine.exec(this.#text) ?? [];
    this.#toLineFrom(this.#at + rest.length + 1);
    return rest === '' || rest.startsWith('#') ? undefined : valueOf(rest);
  }
}

function valueOf(rest: string): PlainData {
  if (plainScalar.test(rest)) {
    const comment = rest.indexOf(' #');
    const text = (comment < 0 ? rest : rest.slice(0, comment)).trimEnd();
    if (text.includes(': ') || text.endsWith(':')) throw notPlain;
    return nulls.has(text) ? null : text;
  }
  const quoted = doubleQuoted.exec(rest) ?? singleQuoted.exec(rest);
  if (quoted !== null) return quoted[1] ?? '';
  const list = shortList.exec(rest);
  if (list !== null) return itemsOf(list[1] ?? '');
  if (emptyMapping.test(rest)) return Object.create(null);
  throw notPlain;
}

function itemsOf(list: string): readonly PlainData[] {
  if (list === '') return [];
  return list.split(',').map((item) => (nulls.has(item.trim()) ? null : item.trim()));
}
