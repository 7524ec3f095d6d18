import { RE2JS } from 're2js';
import { checkGroups, checkTextLength } from '../made-text-limits.ts';

/** What the comment of a field with setters starts with, without its `#`. */
const marker = ' kpt-set: ';

/** The pattern of a setter comment, `nginx:${tag}`; undefined where the comment is another one, or none. */
export function setterPattern(comment: string | undefined): string | undefined {
  if (!comment?.startsWith(marker)) return undefined;
  const pattern = comment.slice(marker.length).trim();
  return pattern === '' ? undefined : pattern;
}

/** The comment, without `#`, that marks a field with a pattern. */
export function setterComment(pattern: string): string {
  return `kpt-set: ${pattern}`;
}

/** The texts of a pattern that are no references, the first one before all of them, and the references, `${name}` each. */
function patternParts(pattern: string): { readonly texts: readonly string[]; readonly references: readonly string[] } {
  // What begins behind the last brace has no end, which would be looked for again and again.
  const end = pattern.lastIndexOf('}') + 1;
  const parts = pattern.slice(0, end).split(/(\$\{[^}]*\})/);
  parts.push(`${parts.pop()}${pattern.slice(end)}`);
  return {
    texts: parts.filter((_, index) => index % 2 === 0),
    references: parts.filter((_, index) => index % 2 === 1),
  };
}

/** The references in a pattern, in order and with repetitions. */
export function setterReferences(pattern: string): readonly string[] {
  return patternParts(pattern).references;
}

/** A pattern with other texts in the place of its references. @throws Error for a text that would be too long */
export function replaceReferences(pattern: string, replacement: (reference: string) => string): string {
  const { texts, references } = patternParts(pattern);
  let length = 0;
  const filled = texts.map((text, index) => {
    const part = text + (references[index] === undefined ? '' : replacement(references[index]));
    length += part.length;
    checkTextLength(length);
    return part;
  });
  return filled.join('');
}

/** The name in a reference. */
export function setterName(reference: string): string {
  return reference.slice(2, -1);
}

/** The one setter of a pattern that is nothing but a reference; undefined for other patterns. */
export function soleSetter(pattern: string): string | undefined {
  const [reference] = setterReferences(pattern);
  return reference === pattern ? setterName(pattern) : undefined;
}

/**
 * What the setters of a pattern must be for a field to have its value: `${image}:${tag}` and `nginx:1.2` give `nginx` and
 * `1.2`. Empty where the value does not fit or leaves one of them empty.
 *
 * @throws Error for more setters than can be told apart
 */
export function currentSetterValues(pattern: string, value: string): ReadonlyMap<string, string> {
  const { texts, references } = patternParts(pattern);
  checkGroups(references.length);
  const matcher = RE2JS.compile(texts.map((text) => RE2JS.quote(text)).join('(.*)')).matcher(value);
  const values = new Map<string, string>();
  if (!matcher.find()) return values;
  for (const [index, reference] of references.entries()) {
    const part = matcher.group(index + 1) ?? '';
    if (part === '') return new Map();
    values.set(setterName(reference), part);
  }
  return values;
}
