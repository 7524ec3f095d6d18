import { RE2JS } from 're2js';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { withoutAtEnd } from '../../yaml/text-end.ts';
import { configData } from '../function-config.ts';
import { checkGroups, checkTextLength } from '../made-text-limits.ts';
import { messageOf } from '../reporting.ts';

const parameters = ['by-value', 'by-file-path', 'by-value-regex', 'by-path', 'put-value', 'put-comment'] as const;

/** What search-replace was asked for; empty texts were not given. */
export interface SearchConfig {
  readonly value: string;
  /** The compiled `by-value-regex`. */
  readonly regex: RE2JS | undefined;
  readonly path: string;
  readonly filePath: string;
  readonly putValue: string;
  readonly putComment: string;
}

/**
 * Reads the parameters from the configuration's data.
 *
 * @throws Error that says which parameter is wrong
 */
export function readSearchConfig(config: KrmObject | undefined): SearchConfig {
  const data = configData(config);
  for (const key of data.keys()) {
    if (!parameters.some((parameter) => parameter === key)) {
      const known = parameters.map((parameter) => JSON.stringify(parameter)).join(' ');
      throw new Error(`invalid matcher ${JSON.stringify(key)}, must be one of [${known}]`);
    }
  }
  const text = (key: (typeof parameters)[number]) => data.get(key) ?? '';
  if (text('by-value') !== '' && text('by-value-regex') !== '') {
    throw new Error('only one of ["by-value", "by-value-regex"] can be provided');
  }
  return {
    value: text('by-value'),
    regex: compile(text('by-value-regex')),
    path: text('by-path'),
    filePath: text('by-file-path'),
    putValue: text('put-value'),
    putComment: commentLine(text('put-comment')),
  };
}

function compile(expression: string): RE2JS | undefined {
  if (expression === '') return undefined;
  try {
    const regex = RE2JS.compile(expression);
    checkGroups(regex.groupCount());
    return regex;
  } catch (error) {
    throw new Error(`failed to compile by-value-regex ${JSON.stringify(expression)}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * A comment for the line of a field, without the ends of lines after it, and without the `#` that it may begin with.
 *
 * @throws Error where it has several lines, which would not all be comments of the field
 */
export function commentLine(text: string): string {
  const line = withoutAtEnd(text, '\r\n').replace(/^\s*#\s*/, '');
  if (/[\r\n]/.test(line)) throw new Error(`a comment must be one line, not ${JSON.stringify(line)}`);
  return line;
}

/**
 * Puts the groups that an expression captures in a text into a template's `${1}`, `${2}` and so on.
 *
 * @throws Error where the template has more of them than there are groups, and for a text that would be too long
 */
export function fillTemplate(template: string, regex: RE2JS | undefined, text: string): string {
  if (regex === undefined) return template;
  const matcher = regex.matcher(text);
  const groups = matcher.find() ? matcher.groupCount() : 0;
  let length = template.length;
  return template.replaceAll(/\$\{([0-9]+)\}/g, (reference, digits: string) => {
    const number = Number(digits);
    if (number < 1 || number > groups)
      throw new Error(`unable to resolve capture groups: there is no group for ${reference}`);
    const group = matcher.group(number) ?? '';
    length += group.length;
    checkTextLength(length);
    return group;
  });
}
