import type { PackageFiles } from '../package/files.ts';
import { PackageError } from '../pipeline/job.ts';
import type { FunctionResultList } from '../pipeline/results.ts';
import { changedFiles } from './changed-files.ts';
import { LocalError } from './local-error.ts';
import { writeTogether } from './pending-files.ts';
import type { Progress } from './progress.ts';
import { resultsFile, resultsText } from './results-file.ts';
import { unifiedDiff } from './unified-diff.ts';
import { addChanges } from './write-changes.ts';

/** Where a command that runs functions on a directory leaves its texts. */
export interface LocalOutput {
  /** What the command is asked for. */
  readonly out: (text: string) => void;
  /** What people read meanwhile. */
  readonly err: (text: string) => void;
  /** The width of the terminal that `err` is; undefined where it is something else. */
  readonly columns: number | undefined;
}

/** What commands that run functions on a directory have in common. */
export interface LocalRun {
  readonly directory: string;
  /** Where `results.yaml` is written; nowhere unless given. */
  readonly resultsDirectory?: string;
  /** Whether changes are printed as a diff rather than written. */
  readonly dryRun: boolean;
  /** Put before image names without a slash; empty leaves them alone. */
  readonly defaultImagePrefix: string;
  /** A directory with schemas of Kubernetes, for functions that validate; none unless given. */
  readonly schemaDirectory?: string;
  /** Whether programs that pipelines name by `exec` are run; not unless given. */
  readonly allowExec?: boolean;
  readonly output: LocalOutput;
  /**
   * Calls what writes files, and sees to it that the process does not end in the middle of it. The signal tells it to stop, which leaves
   * the package as it was, or, when all texts are there, to go on to its near end. Unless given, nobody interrupts it.
   */
  readonly writing?: Writing;
}

/** Calls `write`, and gives its outcome. */
export type Writing = <T>(write: (stop: AbortSignal) => Promise<T>) => Promise<T>;

const undisturbed: Writing = (write) => write(new AbortController().signal);

/** What a command has found out. */
export interface LocalOutcome {
  readonly before: PackageFiles;
  readonly after: PackageFiles;
  readonly results: FunctionResultList;
  /** Said when the files are written. */
  readonly note?: string;
}

/**
 * Writes what became of a package's files, or prints it; and what functions reported, where the command is to, and says where that is.
 * New texts are complete on disk beside their files before the first one takes its place, so a full disk, a missing permission or a
 * directory in the way leaves everything as it was, and no file is ever half written.
 *
 * @throws LocalError where something cannot be written
 */
export async function keep(run: LocalRun, outcome: LocalOutcome, progress: Progress): Promise<void> {
  const { dryRun, output, directory, resultsDirectory, writing = undisturbed } = run;
  const changes = changedFiles(outcome.before, outcome.after);
  const results = resultsDirectory === undefined ? undefined : resultsFile(resultsDirectory);
  await writing(async (stop) => {
    await writeTogether(async (files) => {
      if (!dryRun) await addChanges(files, directory, changes, stop);
      if (results !== undefined) await files.write(results, resultsText(outcome.results));
      stop.throwIfAborted();
    });
    if (dryRun) output.out(unifiedDiff(changes));
    if (outcome.note !== undefined) progress.note(outcome.note);
    if (results !== undefined) progress.note(`For complete results, see ${JSON.stringify(results)}`);
  });
}

/** Runs a command; a directory that cannot be used ends it with an error and exit code 1. */
export async function withErrors(progress: Progress, command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    if (!(error instanceof LocalError || error instanceof PackageError)) throw error;
    progress.error(error.message);
    return 1;
  }
}
