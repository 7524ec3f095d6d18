import { RE2JS } from 're2js';

/**
 * Understands `by-file-path`: `*` and `?` within a folder's name, `**` for any number of folders, `[a-z]` and `[^a-z]` for one
 * character, `{a,b}` for alternatives, `\` before a character that is meant as it is.
 *
 * @throws Error where brackets or braces are not closed
 */
export function filePattern(pattern: string): (path: string) => boolean {
  const expression = RE2JS.compile(translate(pattern), RE2JS.DOTALL);
  return (path) => expression.matches(path);
}

function translate(pattern: string): string {
  let expression = '';
  let depth = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    const rest = pattern.slice(at);
    const begins = at === 0 || (depth > 0 ? '/{,' : '/').includes(pattern[at - 1] ?? '');
    const folders = begins ? (depth > 0 ? /^\*\*(\/|$|(?=[,}]))/ : /^\*\*(\/|$)/).exec(rest) : null;
    const character = pattern[at] ?? '';
    if (folders !== null) {
      expression += folders[1] === '/' ? '(?:[^/]+/)*' : '.*';
      at += folders[0].length - 1;
    } else if (character === '*') expression += '[^/]*';
    else if (character === '?') expression += '[^/]';
    else if (character === '[') {
      const set = /^\[([!^]?)((?:\\.|[^\]\\])+)\]/.exec(rest);
      if (set === null) throw bad(pattern);
      expression += `[${set[1] ? '^' : ''}${(set[2] ?? '').replaceAll(/[[&^]/g, '\\$&')}]`;
      at += set[0].length - 1;
    } else if (character === '{') {
      expression += '(?:';
      depth += 1;
    } else if (character === '}' && depth > 0) {
      expression += ')';
      depth -= 1;
    } else if (character === ',' && depth > 0) expression += '|';
    else if (character === '\\' && at + 1 < pattern.length) {
      at += 1;
      expression += RE2JS.quote(pattern[at] ?? '');
    } else expression += RE2JS.quote(character);
  }
  if (depth > 0) throw bad(pattern);
  return expression;
}

function bad(pattern: string): Error {
  return new Error(`syntax error in pattern ${JSON.stringify(pattern)} of by-file-path`);
}
