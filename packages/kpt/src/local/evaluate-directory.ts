import { relative, resolve, sep } from 'node:path';
import { builtInFunctions } from '../functions/catalogue.ts';
import type { ResourceSelector } from '../kptfile/kptfile.ts';
import { evaluateFunction } from '../pipeline/evaluate-function.ts';
import { createBuiltInRuntime } from '../runtimes/built-in-runtime.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import { parseResources, YamlSyntaxError } from '../yaml/resource-file.ts';
import { LocalError } from './local-error.ts';
import { keep, type LocalRun, withErrors } from './local-run.ts';
import { Progress } from './progress.ts';
import { readDirectory, readText } from './read-directory.ts';

/** One function to be run on a directory. */
export interface LocalEvaluation extends LocalRun {
  readonly image: string;
  /** A version, or a range of versions, in place of the image's tag. */
  readonly tag?: string;
  /** The parameters of the function, as a ConfigMap named `function-input`. */
  readonly args: Readonly<Record<string, string>>;
  /** The path of a file with the function's configuration, in place of `args`. */
  readonly configFile?: string;
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
  const { directory, output, defaultImagePrefix, schemaDirectory, configFile, image, tag, selector, exclude } = run;
  const progress = new Progress({
    write: output.err,
    columns: output.columns,
    now: () => performance.now(),
  });
  return withErrors(progress, async () => {
    const files = readDirectory(directory);
    const config = configFile === undefined ? undefined : readConfig(configFile);
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
        ...(config && { config }),
        ...(configFile !== undefined && { excludedFiles: [pathWithin(directory, configFile)] }),
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

function readConfig(path: string): KrmObject {
  const [config, ...others] = parseConfig(path).filter((document) => !document.isEmpty);
  if (config === undefined || others.length > 0) {
    const found = config === undefined ? 'none' : String(others.length + 1);
    throw new LocalError(`function config ${JSON.stringify(path)} must hold one resource, but holds ${found}`);
  }
  return new KrmObject(config);
}

function parseConfig(path: string): ReturnType<typeof parseResources> {
  try {
    return parseResources(path, readText(path));
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    throw new LocalError(`function config ${JSON.stringify(path)}: ${error.message}`, { cause: error });
  }
}
