import { relative, resolve, sep } from 'node:path';
import { builtInFunctions } from '../functions/catalogue.ts';
import type { ResourceSelector } from '../kptfile/kptfile.ts';
import { evaluateFunction } from '../pipeline/evaluate-function.ts';
import { createBuiltInRuntime } from '../runtimes/built-in-runtime.ts';
import type { FunctionConfigFile } from './function-config.ts';
import { keep, type LocalRun, withErrors } from './local-run.ts';
import { Progress } from './progress.ts';
import { readDirectory } from './read-directory.ts';

/** One function to be run on a directory. */
export interface LocalEvaluation extends LocalRun {
  readonly image: string;
  /** A version, or a range of versions, in place of the image's tag. */
  readonly tag?: string;
  /** The parameters of the function, as a ConfigMap named `function-input`. */
  readonly args: Readonly<Record<string, string>>;
  /** The function's configuration, in place of `args`. */
  readonly config?: FunctionConfigFile;
  /** Which objects the function gets; all unless given. */
  readonly selector?: ResourceSelector;
  /** Which of those it does not get. */
  readonly exclude?: ResourceSelector;
}

/**
 * Runs one function on the resources of a directory, in place, whatever the pipelines in it say; progress and results in kpt's form.
 * After a failure the files are as they were.
 *
 * @returns the exit code: 0, or 1 where the function failed or the directory cannot be used
 */
export async function evaluateDirectory(run: LocalEvaluation): Promise<number> {
  const { directory, output, defaultImagePrefix, schemaDirectory, config, image, tag, selector, exclude } = run;
  const progress = new Progress({
    write: output.err,
    columns: output.columns,
    now: () => performance.now(),
  });
  return withErrors(progress, async () => {
    const files = readDirectory(directory);
    const evaluated = await evaluateFunction(
      files,
      {
        entry: {
          image,
          ...(tag !== undefined && { tag }),
          ...(selector && { selectors: [selector] }),
          ...(exclude && { exclude: [exclude] }),
          configMap: run.args,
        },
        ...(config && { config: config.config, excludedFiles: [pathWithin(directory, config.path)] }),
      },
      { defaultImagePrefix, ...(schemaDirectory !== undefined && { schemaDirectory }) },
      createBuiltInRuntime(builtInFunctions),
      progress,
    );
    await keep(run, { before: files, after: evaluated.files, results: evaluated.result }, progress);
    return evaluated.error === undefined ? 0 : 1;
  });
}

/** The path of a file below a directory, as packages have them; one that leads out of it where the file is elsewhere. */
function pathWithin(directory: string, file: string): string {
  return relative(resolve(directory), resolve(file)).split(sep).join('/');
}
