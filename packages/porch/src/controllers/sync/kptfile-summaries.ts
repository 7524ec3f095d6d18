import { type KptfileSummary, kptfileName } from '@porch/kpt';
import type { EngineParts } from '../../engine/parts.ts';

/** Reads Kptfiles on the worker threads, equal ones once: revisions of a package often share theirs. */
export class KptfileSummaries {
  readonly #parts: Pick<EngineParts, 'workers' | 'render'>;
  readonly #known = new Map<string, Promise<KptfileSummary>>();

  constructor(parts: Pick<EngineParts, 'workers' | 'render'>) {
    this.#parts = parts;
  }

  of(text: string): Promise<KptfileSummary> {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const { workers, render } = this.#parts;
    const summary = workers
      .run({ files: new Map([[kptfileName, text]]), steps: [], render })
      .then((job) => job.kptfile);
    this.#known.set(text, summary);
    return summary;
  }
}
