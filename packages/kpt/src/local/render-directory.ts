import { basename, resolve } from 'node:path';
import { builtInFunctions } from '../functions/catalogue.ts';
import { kptfileName } from '../package/files.ts';
import { joinPath } from '../package/package-paths.ts';
import { renderPackage } from '../pipeline/render-package.ts';
import { createBuiltInRuntime } from '../runtimes/built-in-runtime.ts';
import { defaultRunLimits } from '../runtimes/evaluator.ts';
import { withEntryPrograms } from '../runtimes/programs/entry-programs.ts';
import { LocalError } from './local-error.ts';
import { localPrograms } from './local-programs.ts';
import { keep, type LocalRun, withErrors } from './local-run.ts';
import { Progress } from './progress.ts';
import { readDirectory } from './read-directory.ts';

/** As long as kpt lets a program run. */
const programLimits = { ...defaultRunLimits, timeoutMs: 300_000 };

/**
 * Renders the package in a directory, in place: what the server does with its files, progress and results in kpt's form. After a
 * failure the files are as they were, but for the Kptfile's status, unless the Kptfile asks to keep what was rendered.
 *
 * @returns the exit code: 0, or 1 where rendering failed or the directory cannot be used
 */
export async function renderDirectory(run: LocalRun): Promise<number> {
  const { directory, output, defaultImagePrefix, schemaDirectory } = run;
  const progress = new Progress({
    write: output.err,
    columns: output.columns,
    packageName: (path) => joinPath(basename(resolve(directory)), path).replace(/\/$/, ''),
    now: () => performance.now(),
  });
  return withErrors(progress, async () => {
    const files = readDirectory(directory);
    if (!files.has(kptfileName)) {
      throw new LocalError(
        `No Kptfile found at ${JSON.stringify(resolve(directory))}: name the directory of a package, or make it one`,
      );
    }
    const runtime = withEntryPrograms(
      createBuiltInRuntime(builtInFunctions),
      run.allowExec ? { runner: localPrograms, limits: programLimits } : undefined,
    );
    const rendered = await renderPackage(
      files,
      { defaultImagePrefix, ...(schemaDirectory !== undefined && { schemaDirectory }) },
      runtime,
      undefined,
      progress,
    );
    const note = `Successfully executed ${progress.executed} function(s) in ${progress.packages} package(s).`;
    const outcome = { before: files, after: rendered.files, results: rendered.result };
    await keep(run, { ...outcome, ...(rendered.error === undefined && { note }) }, progress);
    return rendered.error === undefined ? 0 : 1;
  });
}
