/**
 * Names in trees that Git itself refuses to check out. A tree that was made by hand may have them all the same.
 */

/** Names that some file system takes for `.git`. */
export function isGitDirectory(name: string): boolean {
  // Characters that HFS+ ignores in names.
  const visible = name.replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '');
  return /^(\.git|git~1)[. ]*(:.*)?$/i.test(visible);
}

/** Whether an entry of this name stays in its directory: it is neither empty nor more than a name, does not lead elsewhere, and is not Git's own. */
export function isEntryName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !isGitDirectory(name);
}
