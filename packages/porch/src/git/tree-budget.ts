import { ADVICE } from './errors.ts';
import { GitError, type TreeEntry } from './types.ts';

/** Characters of paths for each entry: more than paths have on average, wherever people write them. */
const charactersOfEntry = 256;

/** What is counted, and how much of it may be. */
export interface TreeBudgetOptions {
  readonly most: number;
  /** In the plural, as a message calls them. */
  readonly what: string;
  /** What a person can do about more. */
  readonly advice?: string;
}

/**
 * How much of a tree is looked at. A few kilobytes of objects can stand for any number of files, for one tree may stand in many places, and
 * for paths without an end.
 */
export class TreeBudget {
  readonly #options: TreeBudgetOptions;
  readonly #mostCharacters: number;
  #entries = 0;
  #characters = 0;

  constructor(options: TreeBudgetOptions) {
    this.#options = options;
    this.#mostCharacters = options.most * charactersOfEntry;
  }

  /** Those that have been counted. */
  get entries(): number {
    return this.#entries;
  }

  /** Counts entries of the tree at a path. @throws GitError TooLarge when there are too many, or their paths are too long */
  spend(path: string, entries: readonly Pick<TreeEntry, 'path'>[]): void {
    const { most, what } = this.#options;
    this.#entries += entries.length;
    if (this.#entries > most) throw this.#tooLarge(`the tree has more than ${most} ${what}`);
    for (const entry of entries) this.#characters += path.length + entry.path.length + 1;
    if (this.#characters <= this.#mostCharacters) return;
    throw this.#tooLarge(`the paths of the tree have more than ${this.#mostCharacters} characters together`);
  }

  #tooLarge(message: string): GitError {
    return new GitError('TooLarge', message, this.#options.advice ?? ADVICE.TooLarge);
  }
}
