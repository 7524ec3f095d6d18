import { createHash } from 'node:crypto';
import { isFile, type PackageContent, textOf } from '../cache/content.ts';
import { comparePaths } from '../cache/content-path.ts';
import type { GitFile } from '../git/types.ts';

type Mode = GitFile['mode'];

/**
 * Lets files that are no text take part in work on texts: each is stood for by a text that is the same for the same file and
 * that is turned back afterwards. Backslashes in their paths are stood for as well, because paths of texts have none.
 */
export class ContentTokens {
  readonly #files = new Map<string, GitFile>();

  /** The files by path, those that are no text as tokens. */
  textsOf(content: PackageContent): Map<string, string> {
    return new Map(content.map((file) => [withoutBackslashes(file.path), textOf(file) ?? this.#token(file)]));
  }

  /** The content that texts stand for; the mode of each file is what `modeOf` says of its path. */
  contentOf(texts: ReadonlyMap<string, string>, modeOf: (path: string) => Mode): PackageContent {
    const files = [...texts].map(([standIn, text]): GitFile => {
      const path = withBackslashes(standIn);
      const hidden = this.#files.get(text);
      if (hidden !== undefined && !isFile(hidden)) return { ...hidden, path };
      return { path, mode: modeOf(path), bytes: hidden?.bytes ?? Buffer.from(text) };
    });
    return files.sort((a, b) => comparePaths(a.path, b.path));
  }

  #token(file: GitFile): string {
    const kind = isFile(file) ? 'file' : file.mode;
    const token = `\u0000${kind} ${createHash('sha256').update(file.bytes).digest('hex')}`;
    this.#files.set(token, file);
    return token;
  }
}

/** Half of a surrogate pair that stands for no byte of a path that is not UTF-8, so that no path has it. */
const backslash = String.fromCharCode(0xdc00 + '\\'.charCodeAt(0));

function withoutBackslashes(path: string): string {
  return path.replaceAll('\\', backslash);
}

function withBackslashes(path: string): string {
  return path.replaceAll(backslash, '\\');
}

/** The modes of merged files: upstream's where it changed or added one, otherwise the local one. Never that of a link or a submodule. */
export function mergedModes(
  old: PackageContent,
  updated: PackageContent,
  local: PackageContent,
): (path: string) => Mode {
  const [was, now, ours] = [old, updated, local].map(
    (content) => new Map(content.filter(isFile).map(({ path, mode }) => [path, mode])),
  );
  return (path) => {
    const [before, after, mine] = [was?.get(path), now?.get(path), ours?.get(path)];
    return (after !== undefined && after !== before ? after : mine) ?? after ?? '100644';
  };
}
