import { Document, visit } from 'yaml';

/** Text whose last lines are empty: as a block, what is left of it hangs on white space that nobody sees. */
const endsInEmptyLines = /(?:^|\n)[^\S\n]*\n[^\S\n]*$/;

function yamlOf(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value === 'string' && endsInEmptyLines.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0 });
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
