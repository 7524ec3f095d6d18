import type { Arguments } from '../../builtins/arguments.ts';

/** A well-formed JSON text over several lines: each level of brackets indented, each line but the first prefixed. */
export function indentJson(source: string, prefix: string, indent: string, args: Arguments): string {
  const parts: string[] = [];
  let depth = 0;
  const add = (text: string) => {
    args.budget.text(text.length);
    parts.push(text);
  };
  const newLine = () => {
    args.budget.allocate(prefix.length + indent.length * depth);
    add(`\n${prefix}${indent.repeat(depth)}`);
  };
  let previous = '';
  for (const [token] of source.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},:]|[^\s[\]{},:"]+/gs)) {
    const isClosing = token === ']' || token === '}';
    if (previous === '[' || previous === '{') {
      // Brackets with nothing between them stay together.
      if (!isClosing) {
        depth += 1;
        newLine();
      }
    } else if (isClosing) {
      depth -= 1;
      newLine();
    }
    previous = token;
    if (token === ',') {
      add(token);
      newLine();
    } else {
      add(token === ':' ? ': ' : token);
    }
  }
  return parts.join('');
}
