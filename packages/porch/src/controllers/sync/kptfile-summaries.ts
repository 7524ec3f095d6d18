import { type KptfileSummary, kptfileName } from '@porch/kpt';
import type { EngineParts } from '../../engine/parts.ts';
import { GitError, type Mirror, type ObjectId } from '../../git/types.ts';

/** Reads Kptfiles on the worker threads, equal ones once: revisions of a package often share theirs. */
export class KptfileSummaries {
  readonly #parts: Pick<EngineParts, 'workers'>;
  readonly #mirror: Mirror;
  readonly #known = new Map<ObjectId, Promise<KptfileSummary>>();

  constructor(parts: Pick<EngineParts, 'workers'>, mirror: Mirror) {
    this.#parts = parts;
    this.#mirror = mirror;
  }

  /** What the Kptfile in a blob says; one that Git cannot give out, because it is too large, says nothing. */
  of(blob: ObjectId): Promise<KptfileSummary> {
    const known = this.#known.get(blob);
    if (known !== undefined) return known;
    const summary = this.#read(blob);
    this.#known.set(blob, summary);
    return summary;
  }

  async #read(blob: ObjectId): Promise<KptfileSummary> {
    const { workers } = this.#parts;
    const render = { defaultImagePrefix: '' }; // nothing is rendered
    const text = await this.#text(blob);
    return (await workers.run({ files: new Map([[kptfileName, text]]), steps: [], render })).kptfile;
  }

  async #text(blob: ObjectId): Promise<string> {
    try {
      const [bytes] = await this.#mirror.blobs([blob]);
      return bytes?.toString('utf8') ?? '';
    } catch (error) {
      if (error instanceof GitError && error.errorClass === 'Other') return '';
      throw error;
    }
  }
}
