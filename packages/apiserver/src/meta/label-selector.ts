import { type LabelToken, labelSelectorTokens } from './label-selector-lexer.ts';
import { labelValueErrors, qualifiedNameErrors } from './names.ts';
import type { LabelRequirement, LabelSelector } from './selector.ts';
import { checkRequirementCount } from './selector-limit.ts';
import { statusErrors } from './status.ts';

type Operator = LabelRequirement['operator'];

const wordOperators = ['in', 'notin', '=', '==', '!=', 'gt', 'lt'].join(', ');
const integer = /^[+-]?[0-9]+$/;
const maxInt64 = 2n ** 63n;

/** The int64 that a label or a bound stands for, or undefined. */
function int64(text: string): bigint | undefined {
  if (!integer.test(text) || text.length > 20) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return value >= -maxInt64 && value < maxInt64 ? value : undefined;
}

class Parser {
  readonly #tokens: Iterator<LabelToken>;
  #following: LabelToken;

  constructor(text: string) {
    this.#tokens = labelSelectorTokens(text);
    this.#following = this.#read();
  }

  #read(): LabelToken {
    const { done, value } = this.#tokens.next();
    return done === true ? { type: 'end', text: '' } : value;
  }

  #peek(): LabelToken {
    return this.#following;
  }

  #next(): LabelToken {
    const token = this.#following;
    this.#following = this.#read();
    return token;
  }

  #fail(found: LabelToken, expected: string): never {
    throw statusErrors.badRequest(`unable to parse requirement: found '${found.text}', expected: ${expected}`);
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    const first = this.#peek();
    if (first.type === 'end') return requirements;
    if (first.type !== 'word' && first.type !== '!') this.#fail(first, "!, identifier, or 'end of string'");
    while (true) {
      requirements.push(this.#requirement());
      checkRequirementCount(requirements);
      const separator = this.#next();
      if (separator.type === 'end') return requirements;
      if (separator.type !== ',') this.#fail(separator, "',' or 'end of string'");
      const following = this.#peek();
      if (following.type !== 'word' && following.type !== '!') this.#fail(following, "identifier after ','");
    }
  }

  #requirement(): LabelRequirement {
    const negated = this.#peek().type === '!';
    if (negated) this.#next();
    const key = this.#next();
    if (key.type !== 'word') this.#fail(key, 'identifier');
    const after = this.#peek().type;
    if (negated || after === 'end' || after === ',') return requirement(key.text, negated ? '!' : 'exists', []);
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'notin' ? this.#values() : [this.#exactValue()];
    return requirement(key.text, operator, values);
  }

  #operator(): Operator {
    const token = this.#next();
    switch (token.type) {
      case '=':
      case '==':
        return '=';
      case '!=':
        return '!=';
      case '>':
        return 'gt';
      case '<':
        return 'lt';
      default:
        if (token.type === 'word' && (token.text === 'in' || token.text === 'notin')) return token.text;
        return this.#fail(token, wordOperators);
    }
  }

  #exactValue(): string {
    const token = this.#peek();
    if (token.type === 'end' || token.type === ',') return '';
    this.#next();
    return token.type === 'word' ? token.text : this.#fail(token, 'identifier');
  }

  /** `(a,b)`; an empty place between commas or beside a parenthesis is the empty value, and so is `()`. */
  #values(): string[] {
    const open = this.#next();
    if (open.type !== '(') this.#fail(open, "'('");
    const values = new Set<string>();
    while (true) {
      const token = this.#peek();
      if (token.type === 'word') values.add(this.#next().text);
      else if (token.type === ',' || token.type === ')') values.add('');
      else this.#fail(token, "',', ')' or identifier");
      const separator = this.#next();
      if (separator.type === ')') return [...values].sort();
      if (separator.type !== ',') this.#fail(separator, "',' or ')'");
    }
  }
}

function invalid(path: string, value: unknown, detail: string): never {
  throw statusErrors.badRequest(
    `unable to parse requirement: ${path}: Invalid value: ${JSON.stringify(value)}: ${detail}`,
  );
}

function requirement(key: string, operator: Operator, values: readonly string[]): LabelRequirement {
  const keyErrors = qualifiedNameErrors(key);
  if (keyErrors.length > 0) invalid('key', key, keyErrors.join('; '));
  for (const [index, value] of values.entries()) {
    if ((operator === 'gt' || operator === 'lt') && int64(value) === undefined) {
      invalid(`values[${index}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer");
    }
    const errors = labelValueErrors(value);
    if (errors.length > 0) invalid(`values[${index}][${key}]`, value, errors.join('; '));
  }
  return { key, operator, values };
}

/** From this number of values on they are looked up, not gone through. */
const manyValues = 16;

/** Whether a value is one of a requirement's. */
function membership({ values }: LabelRequirement): (value: string) => boolean {
  if (values.length < manyValues) return (value) => values.includes(value);
  const set = new Set(values);
  return (value) => set.has(value);
}

function satisfies(
  r: LabelRequirement,
  isOneOf: (value: string) => boolean,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = Object.hasOwn(labels, r.key) ? labels[r.key] : undefined;
  switch (r.operator) {
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case '=':
    case 'in':
      return value !== undefined && isOneOf(value);
    case '!=':
    case 'notin':
      return value === undefined || !isOneOf(value);
    case 'gt':
    case 'lt': {
      const actual = value === undefined ? undefined : int64(value);
      const bound = int64(r.values[0] ?? '');
      if (actual === undefined || bound === undefined) return false;
      return r.operator === 'gt' ? actual > bound : actual < bound;
    }
  }
}

function print(r: LabelRequirement): string {
  switch (r.operator) {
    case 'exists':
      return r.key;
    case '!':
      return `!${r.key}`;
    case 'in':
    case 'notin':
      return `${r.key} ${r.operator} (${r.values.join(',')})`;
    case 'gt':
      return `${r.key}>${r.values[0]}`;
    case 'lt':
      return `${r.key}<${r.values[0]}`;
    default:
      return `${r.key}${r.operator}${r.values[0]}`;
  }
}

/** A label selector of requirements that all must hold; they are kept in the order of their keys. */
export function labelSelector(requirements: readonly LabelRequirement[]): LabelSelector {
  const sorted = [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const checks = sorted.map((r) => [r, membership(r)] as const);
  return {
    requirements: sorted,
    matches: (labels) => checks.every(([r, isOneOf]) => satisfies(r, isOneOf, labels)),
    toString: () => sorted.map(print).join(','),
  };
}

/**
 * Parses the grammar of `kubectl -l`: `k`, `!k`, `k=v`, `k==v`, `k!=v`, `k in (a,b)`, `k notin (a,b)`, `k>1`, `k<1`, joined by commas.
 * `!=` and `notin` also match objects that lack the label.
 *
 * @throws StatusError 400
 */
export function parseLabelSelector(text: string): LabelSelector {
  return labelSelector(new Parser(text).parse());
}
