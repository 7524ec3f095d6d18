import { RE2JS } from 're2js';

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

/** The references in a pattern, `${name}` each, in order and with repetitions. */
export function setterReferences(pattern: string): readonly string[] {
  return pattern.match(/\$\{[^}]*\}/g) ?? [];
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
 */
export function currentSetterValues(pattern: string, value: string): ReadonlyMap<string, string> {
  const references = setterReferences(pattern);
  const parts = pattern.split(/\$\{[^}]*\}/).map((part) => RE2JS.quote(part));
  const matcher = RE2JS.compile(parts.join('(.*)')).matcher(value);
  const values = new Map<string, string>();
  if (!matcher.find()) return values;
  for (const [index, reference] of references.entries()) {
    const part = matcher.group(index + 1) ?? '';
    if (part === '') return new Map();
    values.set(setterName(reference), part);
  }
  return values;
}
