import { isGitDirectory } from '../git/entry-name.ts';

/** Compares well-formed paths by their bytes in UTF-8, as Git does: pairs of surrogates come after everything else. */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [unit, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (unit !== other) return rank(unit) - rank(other);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

const maxPathBytes = 1024;
const maxSegmentBytes = 255;

/** What is wrong with the path of a file in a package; an empty list means it is fine. */
export function contentPathErrors(path: string): string[] {
  if (path === '') return ['the path of a file must not be empty'];
  const errors: string[] = [];
  if (path.startsWith('/')) errors.push('must be relative to the package, without a slash at the beginning');
  else if (path.endsWith('/')) errors.push('must name a file, not end with a slash');
  else if (path.includes('//')) errors.push("must not have empty segments ('//')");
  if (/[\u0000-\u001f\u007f]/.test(path)) errors.push('must not contain control characters');
  if (path.includes('\\')) errors.push('must not contain backslashes');
  if (!path.isWellFormed()) errors.push('must be well-formed Unicode');
  if (Buffer.byteLength(path) > maxPathBytes) errors.push(`must be no more than ${maxPathBytes} bytes`);
  for (const segment of new Set(path.split('/'))) errors.push(...segmentErrors(segment));
  return errors;
}

function segmentErrors(segment: string): string[] {
  if (segment === '.' || segment === '..') return [`must not contain the segment '${segment}'`];
  if (isGitDirectory(segment))
    return [`must not contain the segment ${JSON.stringify(segment)}, which Git keeps for itself`];
  if (Buffer.byteLength(segment) > maxSegmentBytes)
    return [`must have no segment of more than ${maxSegmentBytes} bytes`];
  return [];
}

/** Pairs of paths of which one would have to be a file and a directory at once. */
export function contentTreeErrors(paths: Iterable<string>): string[] {
  const all = new Set(paths);
  const errors: string[] = [];
  for (const path of all) {
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
      const parent = path.slice(0, at);
      if (all.has(parent))
        errors.push(`${JSON.stringify(parent)} cannot be a file, because ${JSON.stringify(path)} is below it`);
    }
  }
  return errors;
}
