/** A token of a label selector. `in` and `notin` are words like any other: the parser decides by where they stand. */
export interface LabelToken {
  readonly type: 'word' | '=' | '==' | '!=' | '!' | '(' | ')' | ',' | '>' | '<' | 'end';
  readonly text: string;
}

const operators = ['==', '!=', '=', '!', '(', ')', ',', '>', '<'] as const;
const word = /[^\s=!(),><]+/y;
const space = /\s*/y;
const end: LabelToken = { type: 'end', text: '' };

/** Splits a label selector into tokens, as they are asked for; the last one is always `end`. */
export function* labelSelectorTokens(text: string): Generator<LabelToken> {
  let at = 0;
  while (true) {
    space.lastIndex = at;
    at += space.exec(text)?.[0].length ?? 0;
    if (at >= text.length) {
      yield end;
      return;
    }
    const operator = operators.find((o) => text.startsWith(o, at));
    if (operator !== undefined) {
      yield { type: operator, text: operator };
      at += operator.length;
      continue;
    }
    word.lastIndex = at;
    const found = word.exec(text)?.[0] ?? text.slice(at, at + 1);
    yield { type: 'word', text: found };
    at += found.length;
  }
}
