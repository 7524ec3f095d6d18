import { RE2JS, RE2JSException } from 're2js';
import type { Arguments } from '../builtins/arguments.ts';
import { Builtin, type BuiltinBody } from '../values/builtin.ts';
import { List } from '../values/list.ts';
import { quote } from '../values/quote.ts';
import type { ReprWriter } from '../values/repr.ts';
import { Tuple } from '../values/tuple.ts';
import { StarlarkObject, type Value } from '../values/value.ts';
import { library } from './module.ts';

/** `re.star`: regular expressions of RE2, which take linear time whatever the expression. */
export function reModule(): Readonly<Record<string, Value>> {
  const methods = Object.entries(operations).map(([name, operation]): [string, BuiltinBody] => [
    name,
    (args) => {
      const [pattern, ...rest] = args.unpack('pattern', ...operation.parameters);
      return operation.run(compile(args, pattern), rest, args);
    },
  ]);
  return library('re', {
    ...Object.fromEntries(methods),
    compile: (args) => new Pattern(compile(args, args.unpack('pattern', 'flags?')[0])),
  });
}

interface Operation {
  readonly parameters: readonly string[];
  readonly run: (pattern: RE2JS, values: readonly (Value | undefined)[], args: Arguments) => Value;
}

const operations: Readonly<Record<string, Operation>> = {
  /** The texts that match. */
  findall: {
    parameters: ['string', 'flags?'],
    run: (pattern, [text], args) =>
      new Tuple(matches(pattern, subject(pattern, text, args), args).map(([whole]) => whole ?? '')),
  },
  /** For each match a tuple of the text and its groups. */
  match: {
    parameters: ['string', 'flags?'],
    run: (pattern, [text], args) =>
      new List(matches(pattern, subject(pattern, text, args), args).map((groups) => new Tuple(groups))),
  },
  /** Where the first match begins and ends; None where there is none. */
  search: {
    parameters: ['string', 'flags?'],
    run(pattern, [text], args) {
      let found: Value = null;
      each(pattern, subject(pattern, text, args), args, 1, ({ start, end }) => {
        found = new List([start, end]);
      });
      return found;
    },
  },
  /** The texts between matches. */
  split: {
    parameters: ['string', 'maxsplit?', 'flags?'],
    run(pattern, [value, maxsplit], args) {
      const text = subject(pattern, value, args);
      const most = args.count('maxsplit', maxsplit, 0);
      const parts: string[] = [];
      let at = 0;
      each(pattern, text, args, most > 0 ? most : undefined, ({ start, end }) => {
        // An empty match at either end cuts nothing off.
        if (start === end && (start === 0 || start === text.length)) return;
        args.budget.text(start - at);
        parts.push(text.slice(at, start));
        at = end;
      });
      return new Tuple([...parts, text.slice(at)]);
    },
  },
  /** The text with matches replaced; `$1` and `${name}` stand for groups. */
  sub: {
    parameters: ['repl', 'string', 'count?', 'flags?'],
    run(pattern, [repl, value, count], args) {
      const replacement = readReplacement(args, args.string('repl', repl));
      const text = subject(pattern, value, args);
      const most = args.count('count', count, 0);
      const parts: string[] = [];
      const add = (part: string) => {
        args.budget.text(part.length);
        parts.push(part);
      };
      let at = 0;
      each(pattern, text, args, most > 0 ? most : undefined, ({ start, end, groups, named }) => {
        add(text.slice(at, start));
        for (const part of replacement) add(typeof part === 'string' ? part : groupText(part.group, groups, named));
        at = end;
      });
      add(text.slice(at));
      return parts.join('');
    },
  },
};

/** A compiled expression. */
class Pattern extends StarlarkObject {
  override readonly type = 'pattern';
  readonly #pattern: RE2JS;

  constructor(pattern: RE2JS) {
    super();
    this.#pattern = pattern;
  }

  override attribute(name: string): Value | undefined {
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (operation === undefined) return undefined;
    const body: BuiltinBody = (args) => operation.run(this.#pattern, args.unpack(...operation.parameters), args);
    return new Builtin(name, body, this.type);
  }

  override attributeNames(): readonly string[] {
    return Object.keys(operations);
  }

  override write(writer: ReprWriter): void {
    writer.text(`<pattern ${quote(this.#pattern.pattern())}>`);
  }
}

function compile(args: Arguments, value: Value | undefined): RE2JS {
  const text = args.string('pattern', value);
  args.budget.step(16 * text.length);
  args.budget.allocate(256 * text.length);
  try {
    const pattern = RE2JS.compile(text);
    // Repetitions make a long program of a short text.
    args.budget.step(64 * pattern.programSize());
    // While it looks for a match it keeps for each of its steps where all groups may be.
    args.budget.allocate(16 * pattern.programSize() * (pattern.groupCount() + 1));
    return pattern;
  } catch (error) {
    if (error instanceof RE2JSException) throw args.error(error.message);
    throw error;
  }
}

function subject(pattern: RE2JS, value: Value | undefined, args: Arguments): string {
  const text = args.string('string', value);
  args.budget.step(text.length * (1 + (pattern.programSize() >>> 1)));
  return text;
}

interface Match {
  readonly start: number;
  readonly end: number;
  /** The whole match and its groups; an empty text for a group that took no part. */
  readonly groups: readonly string[];
  readonly named: Readonly<Record<string, number>>;
}

/** Visits the matches from left to right. Nothing matches right behind what has matched. */
function each(
  pattern: RE2JS,
  text: string,
  args: Arguments,
  most: number | undefined,
  visit: (match: Match) => void,
): void {
  const matcher = pattern.matcher(text);
  const count = matcher.groupCount();
  const named = pattern.namedGroups() as Readonly<Record<string, number>>;
  let last = -1;
  for (let found = 0; (most === undefined || found < most) && matcher.find(); ) {
    args.budget.step(32);
    const [start, end] = [matcher.start(), matcher.end()];
    if (start === end && start === last) continue;
    args.budget.elements(count + 1);
    const groups = Array.from({ length: count + 1 }, (_, index) => matcher.group(index) ?? '');
    visit({ start, end, groups, named });
    last = end;
    found++;
  }
}

function matches(pattern: RE2JS, text: string, args: Arguments): (readonly string[])[] {
  const found: (readonly string[])[] = [];
  each(pattern, text, args, undefined, ({ groups }) => found.push(groups));
  return found;
}

/** The texts of a replacement and the groups between them; `$$` is a dollar sign. */
function readReplacement(args: Arguments, text: string): readonly (string | { readonly group: string })[] {
  const parts: (string | { group: string })[] = [];
  let at = 0;
  const reference = /\$(?:\$|(\w+)|\{(\w+)\})/g;
  for (let match = reference.exec(text); match !== null; match = reference.exec(text)) {
    args.budget.elements(4);
    const group = match[1] ?? match[2];
    parts.push(text.slice(at, match.index), group === undefined ? '$' : { group });
    at = reference.lastIndex;
  }
  return [...parts, text.slice(at)];
}

/** What a group of a match holds; nothing where there is no such group. */
function groupText(name: string, groups: readonly string[], named: Readonly<Record<string, number>>): string {
  const index = /^\d+$/.test(name) ? Number(name) : Object.hasOwn(named, name) ? named[name] : undefined;
  return (index !== undefined && groups[index]) || '';
}
