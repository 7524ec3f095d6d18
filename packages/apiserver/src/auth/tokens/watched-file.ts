import { readFile, stat } from 'node:fs/promises';
import type { Logger } from 'pino';

/** What a file is read for. */
export interface WatchedFileOptions<T> {
  readonly path: string;
  /** Throws for a text that cannot be used; then what was read before goes on to hold. */
  parse(text: string): T;
  /** What holds where there is no file. Without it, a missing file is an error. */
  readonly missing?: T;
  readonly logger: Pick<Logger, 'error' | 'info'>;
  /** For how long a look at the file counts, in milliseconds. */
  readonly freshMs: number;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
}

/** The contents of a file that others may change while it is used. */
export interface WatchedFile<T> {
  /** What is in the file; looks whether it has changed unless it did so within `freshMs`. */
  current(): Promise<T>;
  /** The same, and looks in any case. */
  latest(): Promise<T>;
}

/** Tells one state of a file from the next; changes are made by renaming, so a new file has another inode. */
async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'missing';
    throw error;
  }
}

/**
 * Opens a file whose changes are noticed when it is next needed; nothing polls.
 * @throws Error when it cannot be read or used to begin with
 */
export async function openWatchedFile<T>(options: WatchedFileOptions<T>): Promise<WatchedFile<T>> {
  const { path, logger, freshMs, now } = options;
  const { missing } = options;
  /** Undefined where there is no file, and need not be one. */
  const textOf = async (found: string): Promise<string | undefined> =>
    found === 'missing' && missing !== undefined ? undefined : await readFile(path, 'utf8');
  const valueOf = (text: string | undefined): T =>
    text === undefined && missing !== undefined ? missing : options.parse(text ?? '');

  let lookedAt = now();
  let stamp = await stampOf(path);
  let value: T;
  try {
    value = valueOf(await textOf(stamp));
  } catch (error) {
    throw new Error(`${path} cannot be used: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  let looking: Promise<void> | undefined;
  let told = '';

  const look = async (): Promise<void> => {
    const at = now();
    try {
      const found = await stampOf(path);
      if (found !== stamp) {
        const text = await textOf(found);
        // What cannot be read now is read again at the next look: its permissions, for one, are no part of the stamp.
        stamp = found;
        value = valueOf(text);
        logger.info({ path }, 'file read again, because it has changed');
      }
      told = '';
    } catch (error) {
      const problem = `${stamp} ${error instanceof Error ? error.message : String(error)}`;
      if (problem !== told) {
        logger.error({ path, err: error }, 'a changed file cannot be used; what it held before goes on to hold');
      }
      told = problem;
    }
    lookedAt = at;
  };
  const latest = async (): Promise<T> => {
    // A look under way may have begun before the change that the caller knows of.
    if (looking !== undefined) await looking;
    looking ??= look().finally(() => {
      looking = undefined;
    });
    await looking;
    return value;
  };

  return {
    latest,
    current: async () => (now() - lookedAt < freshMs ? value : latest()),
  };
}
