import type { Bed } from '../bed.ts';
import type { Measurement } from '../results.ts';

/** Something that is measured on a bed. It leaves the server's revisions as it found them, apart from new packages of its own. */
export interface Scenario {
  readonly name: string;
  run(bed: Bed): Promise<readonly Measurement[]>;
}
