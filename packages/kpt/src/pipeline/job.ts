import type { KptfileCondition, KptfileSummary, KptfileUpstream, KptfileUpstreamLock } from '../kptfile/types.ts';
import type { PackageFiles } from '../package/files.ts';
import type { EvaluationOutcome, EvaluationRequest } from '../runtimes/evaluator.ts';
import type { FunctionRule } from '../runtimes/function-rule.ts';
import type { UpgradeOptions } from '../update/upgrade-package.ts';
import type { FunctionResultList } from './results.ts';

/** One step of a job. */
export type PackageStep =
  /** Kptfile, README.md and package-context.yaml of a new package, each only where it is absent. */
  | {
      readonly type: 'init';
      /** The full package name, slashes included. */
      readonly name: string;
      readonly description: string;
      readonly keywords: readonly string[];
      readonly site: string;
    }
  /**
   * Turns a copy of an upstream package into a downstream one: name, upstream and lock in the Kptfile, merge keys and
   * upstream identifiers on every resource; `deployment` also replaces the package context.
   */
  | {
      readonly type: 'clone';
      readonly name: string;
      readonly upstream: KptfileUpstream;
      readonly lock: KptfileUpstreamLock;
      readonly deployment?: { readonly packagePath: string };
    }
  /** Makes a package one within another: its name in the Kptfile, and no status, which spoke of the package that it was made of. */
  | { readonly type: 'subpackage'; readonly name: string }
  /**
   * Kptfile labels and annotations (`merge` adds to what there is, otherwise each given map replaces), readiness gates and
   * conditions (each given list replaces).
   */
  | {
      readonly type: 'metadata';
      readonly merge: boolean;
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
      readonly readinessGates?: readonly { readonly conditionType: string }[];
      readonly conditions?: readonly KptfileCondition[];
    }
  /** Replaces all files; comments of objects that stand in both are kept where the new text has none. */
  | { readonly type: 'replace'; readonly files: PackageFiles }
  /** Merges what changed upstream into a package that was cloned from there; a package that cannot be merged ends the job. */
  | ({ readonly type: 'upgrade' } & UpgradeOptions)
  /** Runs the pipeline. A failed render ends the job; later steps do not run. */
  | { readonly type: 'render' };

/** How a package is rendered. */
export interface RenderOptions {
  /** Put before image names without a slash; empty leaves them alone. */
  readonly defaultImagePrefix: string;
  /** A directory with schemas of Kubernetes, for functions that validate; none unless given. */
  readonly schemaDirectory?: string;
  /** How the images of some functions are to be run; none unless given. */
  readonly rules?: readonly FunctionRule[];
  /** Whether functions that are part of the program are run by it, rather than as other images are; true unless given. */
  readonly builtIn?: boolean;
  /** Whether it is a failure when functions remove the Kptfile at the root, or leave one that cannot be read; not unless given. */
  readonly needsKptfile?: boolean;
}

/** Work on the files of a package, done in one trip to a worker thread: steps run in order, each on the files that the one before left. */
export interface PackageJob {
  readonly files: PackageFiles;
  readonly steps: readonly PackageStep[];
  readonly render: RenderOptions;
  /** Whose it is: jobs that wait for a thread come in turn by this, so that nobody waits for all that another one has. */
  readonly whose?: string;
}

/** What a rendering has come to. */
export interface RenderOutcome {
  readonly result: FunctionResultList;
  /** Why rendering failed: the chain of what was being done, kpt's wording. Absent when it succeeded. */
  readonly error?: string;
  /** Whether an equal package was rendered before and this is what became of it; false unless given. */
  readonly isReused?: boolean;
}

/** What a job has made of its files. */
export interface PackageJobResult {
  /**
   * The files after the last step. After a failed render: as they were before it, but for the Kptfile's status, or partially
   * rendered where the Kptfile asks for that.
   */
  readonly files: PackageFiles;
  readonly kptfile: KptfileSummary;
  /** Present when a render step ran. */
  readonly render?: RenderOutcome;
}

/** A step that cannot be carried out because of the package's own content. Names the file where one is to blame. */
export class PackageError extends Error {
  readonly path: string | undefined;

  constructor(message: string, path?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PackageError';
    this.path = path;
  }
}

/** Runs jobs off the caller's thread. */
export interface PackageWorkers {
  /** How many jobs wait: for a thread, or for room among those that wait for a function. */
  readonly waiting: number;
  /**
   * Jobs beyond the number of threads wait, each of those who have some in turn; not for what has run for long.
   * @throws PackageError for what the package's content is to blame for; the signal's reason when aborted
   */
  run(job: PackageJob, signal?: AbortSignal): Promise<PackageJobResult>;
  /**
   * What Kptfiles say, in the order of their texts, in one trip to a worker thread. Kptfiles that take too long or too much memory fail
   * together.
   * @throws PackageError for those; the signal's reason when aborted
   */
  summarize(kptfiles: readonly string[], signal?: AbortSignal): Promise<readonly KptfileSummary[]>;
  close(): Promise<void>;
}

/** Threads that run jobs, and single functions for other programs. */
export interface FunctionWorkers extends PackageWorkers {
  /**
   * Runs a built-in function on a ResourceList; undefined where there is none of that name.
   * @throws FunctionRunError for one that took too long or too much memory; the signal's reason when aborted
   */
  evaluate(request: Omit<EvaluationRequest, 'program'>): Promise<EvaluationOutcome | undefined>;
}
