/** Tells whether a field's path, `spec.containers[0].image`, is one that a pattern means. */
export type PathPredicate = (path: string) => boolean;

/**
 * Understands `by-path`: keys separated by dots, `*` for any one key, `**` for any number of them, `key[1]`, `key[*]` and
 * `*[*]` for elements of lists, and `key[name=value]` for the elements whose own field has that value.
 *
 * @param siblings gives the text of a scalar field at a path of the object being searched; undefined where there is none
 */
export function pathPattern(pattern: string): (siblings: (path: string) => string | undefined) => PathPredicate {
  const wanted = splitPath(pattern);
  return (siblings) => (path) => matches(splitPath(path), wanted, siblings);
}

/** Whether a pattern is the path of one field, with neither wildcards nor list elements. */
export function isPlainPath(pattern: string): boolean {
  return pattern !== '' && pattern.split('.').every((part) => part !== '' && !/[*[]/.test(part));
}

/** The keys on the way to the field of a plain path. What is within `metadata.labels` or `metadata.annotations` is one key, dots and all. */
export function putPath(path: string): readonly string[] {
  const [, map, key] = /^((?:.*?\.)?metadata\.(?:annotations|labels))\.(.+)$/.exec(path) ?? [];
  return map === undefined || key === undefined ? path.split('.') : [...map.split('.'), key];
}

/** Splits at dots outside of brackets, and at brackets that do not end. */
function splitPath(path: string): readonly string[] {
  // The end of each of them would be looked for to the end of the path.
  const end = path.lastIndexOf(']') + 1;
  const ended = path.slice(0, end) + path.slice(end).replaceAll('[', '.');
  return ended.match(/(?:\[[^\]]*\]|[^.[])+|(?<=\.|^)(?=\.|$)/g) ?? [];
}

/** Row by row: after each key, which prefixes of the pattern it can be the end of. */
function matches(path: readonly string[], wanted: readonly string[], siblings: (path: string) => string | undefined) {
  let row = [true, ...wanted.map(() => false)];
  for (const [index, part] of wanted.entries()) row[index + 1] = part === '**' && row[index] === true;
  for (const [depth, key] of path.entries()) {
    const next = [false];
    for (const [index, part] of wanted.entries()) {
      if (part === '**') next.push(next[index] === true || row[index + 1] === true);
      else next.push(row[index] === true && matchesKey(key, part, path.slice(0, depth), siblings));
    }
    row = next;
  }
  return row.at(-1) === true;
}

function matchesKey(
  key: string,
  part: string,
  parents: readonly string[],
  siblings: (path: string) => string | undefined,
): boolean {
  if (part === '*' || key === part) return true;
  const [name = '', ...elements] = key.split('[');
  const [wantedName = '', ...wantedElements] = part.split('[');
  if (elements.length === 0 || elements.length !== wantedElements.length) return false;
  if (wantedName !== '*' && wantedName !== name) return false;
  let place = [...parents, name].join('.');
  return elements.every((element, index) => {
    place += `[${element}`;
    return matchesElement(element.slice(0, -1), (wantedElements[index] ?? '').slice(0, -1), place, siblings);
  });
}

function matchesElement(
  element: string,
  wanted: string,
  place: string,
  siblings: (path: string) => string | undefined,
): boolean {
  if (wanted === '*' || wanted === element) return true;
  const equals = wanted.indexOf('=');
  if (equals < 0) return false;
  const field = wanted.slice(0, equals);
  return siblings(field === '' ? place : `${place}.${field}`) === wanted.slice(equals + 1);
}
