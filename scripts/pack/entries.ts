/** A package of this repository, as it is published. */
export interface PackedPackage {
  /** Folder below `packages`. */
  readonly folder: string;
  /**
   * Modules that something outside starts from: what is exported, what is run, and what is started as a thread or process of its own. Everything
   * that they import goes into the package; tests and their support do not.
   */
  readonly entries: readonly string[];
  /** Plain JavaScript that is copied as it is. */
  readonly copied: readonly string[];
}

/** All packages; each comes after those it needs. */
export const packedPackages: readonly PackedPackage[] = [
  {
    folder: 'apiserver',
    entries: ['src/index.ts', 'src/storage/sqlite/worker.ts', 'src/schema/body-worker.ts'],
    copied: [],
  },
  { folder: 'kpt', entries: ['src/index.ts', 'src/pipeline/worker.ts'], copied: [] },
  {
    folder: 'porch',
    entries: ['src/index.ts', 'src/cli/main.ts', 'src/git/broker/broker-main.ts'],
    copied: ['bin/porch.js'],
  },
];
