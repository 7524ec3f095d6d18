import { type KptfileSummary, PackageError, Slots, sharedSummary } from '@porch/kpt';
import type { EngineParts } from '../../engine/parts.ts';
import { GitError, type Mirror, type ObjectId } from '../../git/types.ts';

/** Kptfiles that are read in one trip to a worker thread. */
const atOnce = 64;
/** Trips that are under way at once; what the others are about is not in memory yet. */
const mostTrips = 4;
/** Larger ones are unreadable: nobody writes them, and some thousand of them would take all memory. */
const mostBytes = 1 << 20;
/**
 * Characters of what is shown of all Kptfiles of a repository, which its revisions share alike, and of one however many they are. In Git
 * a few kilobytes stand for a hundred thousand revisions with a long Kptfile each.
 */
const mostTogether = 256 << 20;
const leastOfEach = 2 << 10;

interface Wanted {
  readonly blob: ObjectId;
  readonly resolve: (summary: KptfileSummary) => void;
  readonly reject: (error: unknown) => void;
}

/** Reads Kptfiles on the worker threads, many at a time, equal ones once: revisions of a package often share theirs. */
export class KptfileSummaries {
  readonly #parts: Pick<EngineParts, 'workers'>;
  readonly #mirror: Pick<Mirror, 'blobs'>;
  readonly #known = new Map<ObjectId, Promise<KptfileSummary>>();
  readonly #trips = new Slots(mostTrips);
  readonly #shortened = new Set<ObjectId>();
  readonly #unreadable = new Map<ObjectId, string>();
  #wanted: Wanted[] = [];
  #revisions = 0;

  constructor(parts: Pick<EngineParts, 'workers'>, mirror: Pick<Mirror, 'blobs'>) {
    this.#parts = parts;
    this.#mirror = mirror;
  }

  /** Says how many revisions the repository has. */
  revisionsAre(count: number): void {
    this.#revisions = count;
  }

  /** How many Kptfiles there are of which not all is shown, because the repository has so many revisions. */
  get shortened(): number {
    return this.#shortened.size;
  }

  /** Kptfiles that cannot be read, and why. */
  get unreadable(): ReadonlyMap<ObjectId, string> {
    return this.#unreadable;
  }

  /**
   * What the Kptfile in a blob says, as far as there is room for it among those of the repository; one that Git cannot give out, because it
   * is too large, says nothing.
   */
  async of(blob: ObjectId): Promise<KptfileSummary> {
    return this.#fitting(blob, await this.#whole(blob));
  }

  /** The more there are, the less is left of each: so none depends on the order in which they are read. */
  #fitting(blob: ObjectId, summary: KptfileSummary): KptfileSummary {
    const count = Math.max(this.#revisions, this.#known.size);
    const fitting = sharedSummary(summary, Math.max(leastOfEach, Math.floor(mostTogether / count)));
    if (fitting !== summary) this.#shortened.add(blob);
    return fitting;
  }

  #whole(blob: ObjectId): Promise<KptfileSummary> {
    const known = this.#known.get(blob);
    if (known !== undefined) return known;
    const { promise, resolve, reject } = Promise.withResolvers<KptfileSummary>();
    this.#known.set(blob, promise);
    // Whoever asks in the same turn shares the trip.
    if (this.#wanted.length === 0) setImmediate(() => this.#readWanted());
    this.#wanted.push({ blob, resolve, reject });
    return promise;
  }

  #readWanted(): void {
    const wanted = this.#wanted;
    this.#wanted = [];
    for (let at = 0; at < wanted.length; at += atOnce) {
      void this.#trips.run(() => this.#read(wanted.slice(at, at + atOnce)));
    }
  }

  async #read(wanted: readonly Wanted[]): Promise<void> {
    try {
      const texts = await Promise.all(wanted.map(({ blob }) => this.#text(blob)));
      const summaries = await this.#summarize(texts);
      for (const [index, summary] of summaries.entries()) {
        const { blob, resolve } = wanted[index] ?? {};
        if (blob === undefined) continue;
        if (summary.error !== undefined && !this.#unreadable.has(blob)) this.#unreadable.set(blob, summary.error);
        resolve?.(this.#fitting(blob, summary));
      }
    } catch (error) {
      for (const { reject } of wanted) reject(error);
    }
  }

  /** A Kptfile that takes too much time or memory is unreadable, and takes none with it that are read in the same trip. */
  async #summarize(texts: readonly string[]): Promise<readonly KptfileSummary[]> {
    try {
      return await this.#parts.workers.summarize(texts);
    } catch (error) {
      if (!(error instanceof PackageError)) throw error;
      if (texts.length === 1) return [unreadable(error.message)];
      return (await Promise.all(texts.map((text) => this.#summarize([text])))).flat();
    }
  }

  async #text(blob: ObjectId): Promise<string> {
    try {
      const [bytes] = await this.#mirror.blobs([blob], mostBytes);
      return bytes?.toString('utf8') ?? '';
    } catch (error) {
      if (!(error instanceof GitError && isUnreadable(error))) throw error;
      this.#unreadable.set(blob, error.message);
      return '';
    }
  }
}

function isUnreadable({ errorClass }: GitError): boolean {
  return errorClass === 'Other' || errorClass === 'TooLarge';
}

function unreadable(error: string): KptfileSummary {
  return { name: '', labels: {}, annotations: {}, readinessGates: [], conditions: [], error };
}
