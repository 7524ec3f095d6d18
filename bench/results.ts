import type { Summary } from './measure.ts';

/** What a measurement is held against: something simpler that was measured in the same rounds. */
export interface Comparison {
  readonly name: string;
  readonly summary: Summary;
}

/** One row of the report. */
export interface Measurement {
  /** What was measured; the same at every size. */
  readonly name: string;
  /** Published revisions in the repository; undefined where no repository was involved. */
  readonly size: number | undefined;
  readonly unit: 'ms' | 'MB' | '/s';
  readonly summary: Summary;
  readonly yardstick?: Comparison;
  /** What a reader needs to know, for example how many bytes. */
  readonly note?: string;
}

/** A goal, and whether it was reached. */
export interface Goal {
  readonly text: string;
  readonly limit: number;
  /** Undefined where what it is about was not measured in this run. */
  readonly value: number | undefined;
  readonly unit: 'times' | 'ms' | 's' | 'MB';
}

/** Where and how a run was made. */
export interface RunInfo {
  readonly date: string;
  readonly node: string;
  readonly git: string;
  readonly machine: string;
  readonly sizes: readonly number[];
  readonly quick: boolean;
  readonly seconds: number;
}

/** All of a run. */
export interface Results {
  readonly run: RunInfo;
  readonly goals: readonly Goal[];
  readonly measurements: readonly Measurement[];
}
