import { stringify } from 'yaml';

/** Compact JSON as people read it: indented JSON or YAML, with a line feed at the end. */
export function formatJson(json: string, format: 'json' | 'yaml'): string {
  const value: unknown = JSON.parse(json);
  return format === 'yaml'
    ? stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 })
    : `${JSON.stringify(value, null, 2)}\n`;
}

/** Indents all lines but the first. */
export function indentRest(text: string, spaces: number): string {
  return text.trimEnd().replaceAll('\n', `\n${' '.repeat(spaces)}`);
}
