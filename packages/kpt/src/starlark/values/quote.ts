const short: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
};

/** Characters that are not shown as they are: controls, marks without width, what is not assigned, halves of pairs. */
const hidden = /["\\]|[\p{C}\p{Z}]/gu;

/** What stands between the quotes of a literal of the language. */
export function escapeText(text: string): string {
  return text.replace(hidden, escaped);
}

/** A string as a literal of the language. */
export function quote(text: string): string {
  return `"${escapeText(text)}"`;
}

function escaped(character: string): string {
  if (character === ' ') return character;
  const known = short[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}
