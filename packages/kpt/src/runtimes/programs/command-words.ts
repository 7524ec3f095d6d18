/**
 * The words of a command as a shell splits them: quotes keep blanks, a backslash keeps the next character, and nothing else means anything:
 * no variables, no patterns, no second command.
 *
 * @throws Error where a quote is not closed or a backslash is last
 */
export function commandWords(command: string): readonly string[] {
  const words: string[] = [];
  const part = /\s+|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)/gsy;
  let word: string | undefined;
  let end = 0;
  for (const [text, single, double, escaped, plain] of command.matchAll(part)) {
    end += text.length;
    const piece = single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? escaped ?? plain;
    if (piece !== undefined) word = (word ?? '') + piece;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (end < command.length) {
    const missing = command[end] === '\\' ? 'nothing follows the backslash' : `there is no closing ${command[end]}`;
    throw new Error(`command ${JSON.stringify(command)} cannot be split into words: ${missing}`);
  }
  return word === undefined ? words : [...words, word];
}
