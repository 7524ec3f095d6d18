import { coerce, compare, type SemVer, satisfies, validRange } from 'semver';
import { isVersionRange } from './image-reference.ts';

/** Characters of a range: each part of it is looked at for each tag. */
const longestRange = 1000;

/**
 * The highest of some tags whose version is in a range, as Helm and kpt write ranges: `~0.4`, `^1.2`, `0.4.x`, `>=0.1, <0.3`,
 * `0.1 - 0.3`, `0.1 || 0.3`, `!=0.2`. Tags that are no versions are passed over, and so are pre-releases unless the range names one.
 *
 * @returns undefined where no tag is in the range
 * @throws RangeError where the text is no range, or longer than any needs to be
 */
export function highestInRange(tags: readonly string[], range: string): string | undefined {
  if (range.length > longestRange) throw new RangeError(`a range of versions has ${longestRange} characters at most`);
  const alternatives = range.split('||').map((part) => parseAlternative(part.trim(), range));
  const versions = tags.flatMap((tag) => {
    const version = versionOf(tag);
    return version === undefined ? [] : [{ tag, version }];
  });
  return versions
    .filter(({ version }) => alternatives.some((alternative) => alternative(version)))
    .sort((a, b) => compare(b.version, a.version))[0]?.tag;
}

/** Whether a text can be the tag of an image, or a range that stands for one. */
export function isTagOrRange(text: string): boolean {
  if (!isVersionRange(text)) return /^\w[\w.-]{0,127}$/.test(text);
  try {
    highestInRange([], text);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function versionOf(tag: string): SemVer | undefined {
  // What looks like a version within another text, as in `2024-01-v1`, is none.
  if (!/^v?\d+(\.\d+){0,2}(-[\w.-]+)?(\+[\w.-]+)?$/.test(tag)) return undefined;
  return coerce(tag, { includePrerelease: true }) ?? undefined;
}

type Condition = (version: SemVer) => boolean;

function parseAlternative(text: string, whole: string): Condition {
  const terms = text
    .replaceAll(/(\S+)\s+-\s+(\S+)/g, '>=$1 <=$2')
    .replaceAll(/([<>=!~^])\s+/g, '$1')
    .replaceAll('=>', '>=')
    .replaceAll('=<', '<=')
    .split(/[\s,]+/)
    .filter((term) => term !== '');
  const excluded = terms.filter((term) => term.startsWith('!=')).map((term) => checked(term.slice(2), whole));
  const included = terms.filter((term) => !term.startsWith('!=')).map((term) => checked(term, whole));
  if (terms.length === 0) throw new RangeError(`${JSON.stringify(whole)} is no range of versions`);
  return (version) =>
    (version.prerelease.length === 0 || included.length > 0) &&
    included.every((term) => satisfies(version, term)) &&
    !excluded.some((term) => satisfies(version, term, { includePrerelease: true }));
}

function checked(term: string, whole: string): string {
  const plain = term.replace(/^([<>=~^]*)v(?=\d)/, '$1');
  if (validRange(plain) === null) throw new RangeError(`${JSON.stringify(whole)} is no range of versions`);
  return plain;
}
