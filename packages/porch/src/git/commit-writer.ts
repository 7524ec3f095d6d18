/**
 * Writes commits with one-shot `fast-import` processes.
 */

import { randomUUID } from 'node:crypto';
import { othersFirst } from '@porch/apiserver';
import { Slots } from '@porch/kpt';
import type { GitProcesses } from './broker/git-processes.ts';
import { commandBroken, commandFailed, gitError } from './errors.ts';
import { checkCommits, fastImportStream } from './fast-import-stream.ts';
import type { NewCommit, ObjectId } from './types.ts';

const WRITERS = 4;
const TIMEOUT_MS = 300_000;

/** Writes into one mirror; a few writes run at a time, the others wait. */
export class CommitWriter {
  readonly #processes: GitProcesses;
  readonly #directory: string;
  readonly #onPack: () => void;
  readonly #slots = new Slots(WRITERS);

  /** `onPack` is told of every pack that was written. */
  constructor(processes: GitProcesses, directory: string, onPack: () => void) {
    this.#processes = processes;
    this.#directory = directory;
    this.#onPack = onPack;
  }

  /** See `Mirror.writeCommits`. */
  async write(commits: readonly NewCommit[]): Promise<readonly ObjectId[]> {
    if (commits.length === 0) return [];
    checkCommits(commits);
    return await this.#slots.run(() => this.#write(commits));
  }

  async #write(commits: readonly NewCommit[]): Promise<readonly ObjectId[]> {
    const attempt = { what: 'write commits to the mirror' };
    const stream = fastImportStream(commits, `refs/porch/${randomUUID()}`);
    const result = await this.#processes
      .run({
        args: ['fast-import', '--quiet', '--done', '--date-format=raw'],
        env: { GIT_DIR: this.#directory },
        input: asynchronous(stream),
        timeoutMs: TIMEOUT_MS,
      })
      .catch((error: unknown) => {
        throw commandBroken(attempt, error);
      });
    if (result.exitCode !== 0) throw commandFailed(attempt, result);
    this.#onPack();
    const ids = result.stdout.toString('latin1').split('\n').slice(0, -1);
    if (ids.length !== commits.length) {
      throw gitError('Other', `${attempt.what}: git gave ${ids.length} ids for ${commits.length} commits`);
    }
    return ids;
  }
}

/** Others have their turn between chunks: drafts that change often have many files written at once. */
async function* asynchronous(chunks: Iterable<Buffer>): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    yield chunk;
    await othersFirst();
  }
}
