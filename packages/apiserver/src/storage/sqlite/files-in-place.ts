import { statSync } from 'node:fs';

interface Identity {
  readonly file: string;
  readonly device: bigint;
  readonly inode: bigint;
}

function identityOf(file: string): Identity | undefined {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stats && { file, device: stats.dev, inode: stats.ino };
}

/**
 * Knows the files of an open database. One that somebody removes, or puts another in place of, can be written to for as long as it is
 * open, and nobody ever reads what was written.
 */
export class FilesInPlace {
  readonly #known: readonly Identity[];

  /** The database in this file has been opened and read. */
  constructor(file: string) {
    this.#known = [file, `${file}-wal`].map(identityOf).filter((identity) => identity !== undefined);
  }

  /** @throws Error when one of the files is not where it was */
  check(): void {
    for (const { file, device, inode } of this.#known) {
      const now = identityOf(file);
      if (now?.device !== device || now.inode !== inode) {
        throw new Error(
          `${file} was ${now === undefined ? 'removed' : 'replaced'} while it was open: what is written to it is lost`,
        );
      }
    }
  }
}
