import { Document, visit } from 'yaml';

/** Text whose last lines are empty: as a block, what is left of it hangs on white space that nobody sees. */
const endsInEmptyLines = /(?:^|\n)[^\S\n]*\n[^\S\n]*$/;

/** Where a tab comes first, Go's reader takes it for the indentation of the block. */
const beginsWithTab = /^[ \n]*\t/;

/** What readers of YAML 1.1 take for the end of a line, or refuse, unless it is escaped. */
const toBeEscaped = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/gu;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** YAML that means the same to readers of versions 1.1 and 1.2: clients in Go take a plain `yes` for a boolean. */
function yamlOf(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value !== 'string') return;
      const hasEscapes = scalar.value.search(toBeEscaped) >= 0;
      if (hasEscapes || endsInEmptyLines.test(scalar.value) || beginsWithTab.test(scalar.value)) {
        scalar.type = 'QUOTE_DOUBLE';
      }
    },
  });
  return document.toString({ lineWidth: 0 }).replace(toBeEscaped, escaped);
}

/** Compact JSON as people read it: indented JSON or YAML, with a line feed at the end. */
export function formatJson(json: string, format: 'json' | 'yaml'): string {
  const value: unknown = JSON.parse(json);
  return format === 'yaml' ? yamlOf(value) : `${JSON.stringify(value, null, 2)}\n`;
}

/** Indents all lines but the first, and takes the line feed at the end away. */
export function indentRest(text: string, spaces: number): string {
  return text.replace(/\n$/, '').replaceAll('\n', `\n${' '.repeat(spaces)}`);
}
