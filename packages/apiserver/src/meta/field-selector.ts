import type { FieldRequirement, FieldSelector } from './selector.ts';
import { checkRequirementCount } from './selector-limit.ts';
import { statusErrors } from './status.ts';

const operators = ['!=', '==', '='] as const;

/** Splits at commas that no backslash escapes; the terms keep their escapes. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === ',') {
      terms.push(text.slice(start, at));
      start = at + 1;
    }
  }
  terms.push(text.slice(start));
  return terms.filter((term) => term !== '');
}

function unescape(value: string): string {
  let result = '';
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at);
    if (character === '\\') {
      const escaped = value.charAt(++at);
      if (escaped !== '\\' && escaped !== ',' && escaped !== '=') {
        throw statusErrors.badRequest(`invalid field selector: invalid escape sequence: \\${escaped}`);
      }
      result += escaped;
    } else if (character === '=') {
      throw statusErrors.badRequest(
        `invalid field selector: unescaped character in value: = (write it as \\= in ${JSON.stringify(value)})`,
      );
    } else result += character;
  }
  return result;
}

function parseTerm(term: string, whole: string): FieldRequirement {
  for (let at = 0; at < term.length; at++) {
    const operator = operators.find((o) => term.startsWith(o, at));
    if (operator === undefined) continue;
    return {
      field: term.slice(0, at),
      operator: operator === '!=' ? '!=' : '=',
      value: unescape(term.slice(at + operator.length)),
    };
  }
  throw statusErrors.badRequest(`invalid selector: '${whole}'; can't understand '${term}'`);
}

/** A value as it must be written in a field selector. */
function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, '\\$&');
}

/** A field selector of requirements that all must hold. A field that an object lacks counts as empty. */
export function fieldSelector(requirements: readonly FieldRequirement[]): FieldSelector {
  const list = [...requirements];
  return {
    requirements: list,
    matches: (fields) =>
      list.every((r) => {
        const value = Object.hasOwn(fields, r.field) ? fields[r.field] : '';
        return (value === r.value) === (r.operator === '=');
      }),
    toString: () => list.map((r) => `${r.field}${r.operator}${escapeFieldValue(r.value)}`).join(','),
  };
}

/**
 * Parses the grammar of `kubectl --field-selector`: `field=value`, `==`, `!=`, joined by commas. In values, a backslash stands before
 * each backslash, comma and equals sign.
 *
 * @throws StatusError 400. Whether a resource knows the fields is for its definition to say.
 */
export function parseFieldSelector(text: string): FieldSelector {
  const terms = splitTerms(text);
  checkRequirementCount(terms);
  return fieldSelector(terms.map((term) => parseTerm(term, text)));
}
