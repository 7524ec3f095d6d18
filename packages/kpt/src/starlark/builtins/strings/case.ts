import type { Arguments } from '../arguments.ts';
import type { Method } from '../method-table.ts';

/** Methods about letters: which there are, and in which case. */
export const caseMethods = {
  capitalize: (text, args) => changed(text, args, capitalized),
  isalnum: (text, args) => tested(text, args, /^[\p{L}\p{Nd}]+$/u),
  isalpha: (text, args) => tested(text, args, /^\p{L}+$/u),
  isdigit: (text, args) => tested(text, args, /^\p{Nd}+$/u),
  islower: (text, args) => changed(text, args, (value) => value).toLowerCase() === text && isCased(text),
  isspace: (text, args) => tested(text, args, /^\p{White_Space}+$/u),
  istitle(text, args) {
    args.unnamed(0, 0);
    args.budget.step(text.length);
    return isTitle(text);
  },
  isupper: (text, args) => changed(text, args, (value) => value).toUpperCase() === text && isCased(text),
  lower: (text, args) => changed(text, args, (value) => value.toLowerCase()),
  title(text, args) {
    args.unnamed(0, 0);
    args.budget.step(text.length);
    args.budget.allocate(64 * text.length);
    return text.replace(/[\p{Lu}\p{Ll}\p{Lt}]+/gu, capitalized);
  },
  upper: (text, args) => changed(text, args, (value) => value.toUpperCase()),
} satisfies Readonly<Record<string, Method<string>>>;

function changed(text: string, args: Arguments, change: (text: string) => string): string {
  args.unnamed(0, 0);
  // One character can become three.
  args.budget.text(3 * text.length);
  return change(text);
}

function tested(text: string, args: Arguments, pattern: RegExp): boolean {
  args.unnamed(0, 0);
  args.budget.step(text.length);
  return pattern.test(text);
}

function isCased(text: string): boolean {
  return /[\p{Lu}\p{Ll}\p{Lt}]/u.test(text);
}

function capitalized(text: string): string {
  const [first = ''] = text;
  const start = first.toUpperCase();
  // A letter without a single upper case of its own stays as it is.
  return (start.length === first.length ? start : first) + text.slice(first.length).toLowerCase();
}

/** Whether upper case letters follow only what has no case, and lower case letters only what has. */
function isTitle(text: string): boolean {
  let afterCased = false;
  let hasCased = false;
  for (const character of text) {
    const isUpper = /[\p{Lu}\p{Lt}]/u.test(character);
    const isLower = !isUpper && /\p{Ll}/u.test(character);
    if ((isUpper && afterCased) || (isLower && !afterCased)) return false;
    afterCased = isUpper || isLower;
    hasCased ||= afterCased;
  }
  return hasCased;
}
