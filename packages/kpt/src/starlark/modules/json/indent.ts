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
  const tokens = source.match(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},:]|[^\s[\]{},:"]+/gs) ?? [];
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    if (token === '[' || token === '{') {
      add(token);
      if (next === ']' || next === '}') continue;
      depth += 1;
      newLine();
    } else if (token === ']' || token === '}') {
      const previous = tokens[index - 1];
      if (previous !== '[' && previous !== '{') {
        depth -= 1;
        newLine();
      }
      add(token);
    } else if (token === ',') {
      add(token);
      newLine();
    } else {
      add(token === ':' ? ': ' : token);
    }
  }
  return parts.join('');
}
