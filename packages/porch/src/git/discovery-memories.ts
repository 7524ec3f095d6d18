import { join } from 'node:path';
import type { Logger } from 'pino';
import { DiscoveryMemory } from './discovery-memory.ts';
import type { Mirror } from './types.ts';

/** What discovery has learned of each mirror. A memory that cannot be kept costs time, never correctness: it is logged, no more. */
export class DiscoveryMemories {
  readonly #logger: Logger;
  /** A mirror that was removed and made again is another one. */
  readonly #opened = new WeakMap<Mirror, Promise<DiscoveryMemory>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** The memory of a mirror, read from its file the first time. */
  of(mirror: Mirror): Promise<DiscoveryMemory> {
    const opened = this.#opened.get(mirror) ?? this.#open(mirror);
    this.#opened.set(mirror, opened);
    return opened;
  }

  /** Writes down what is new. Does nothing where nobody has asked for the memory. */
  async save(mirror: Mirror): Promise<void> {
    try {
      await (await this.#opened.get(mirror))?.save();
    } catch (error) {
      const { directory } = mirror;
      this.#logger.warn(
        { err: error, directory },
        'what was learned of a repository will be read again after a restart',
      );
    }
  }

  async #open(mirror: Mirror): Promise<DiscoveryMemory> {
    try {
      return await DiscoveryMemory.open(join(mirror.directory, 'discovered'));
    } catch (error) {
      const { directory } = mirror;
      this.#logger.warn({ err: error, directory }, 'what was learned of a repository cannot be read');
      return DiscoveryMemory.empty();
    }
  }
}
