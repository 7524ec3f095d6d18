/** One step of a field path. */
export type PathStep =
  /** A key of a mapping; of digits alone, an element of a list. */
  | { readonly type: 'key'; readonly key: string }
  /** The elements of a list whose field has a value, `[name=nginx]`; without a field, the elements that are that value. */
  | { readonly type: 'match'; readonly field: string; readonly value: string }
  /** Every element. */
  | { readonly type: 'all' };

/**
 * Splits a path at its dots, except those with a backslash before them or within brackets: `metadata.annotations.[a.b/c]`,
 * `spec.containers.[name=x].image`, `spec.rules.*.host`, `spec.rules.0.host`.
 */
export function parseFieldPath(path: string): readonly PathStep[] {
  return splitPath(path).map(step);
}

function splitPath(path: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  let open = false;
  for (const character of path) {
    if (character === '.' && part.endsWith('\\')) part = `${part.slice(0, -1)}.`;
    else if (character === '.' && !open) {
      parts.push(part);
      part = '';
    } else {
      if (character === '[' && part === '') open = true;
      if (character === ']') open = false;
      part += character;
    }
  }
  return [...parts, part];
}

function step(part: string): PathStep {
  if (part === '*') return { type: 'all' };
  const bracketed = /^\[(.*)\]$/s.exec(part)?.[1];
  if (bracketed === undefined) return { type: 'key', key: part };
  const equals = bracketed.indexOf('=');
  if (equals < 0) return { type: 'key', key: bracketed };
  return { type: 'match', field: bracketed.slice(0, equals), value: bracketed.slice(equals + 1) };
}
