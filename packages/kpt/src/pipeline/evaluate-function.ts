import type { PipelineFunction } from '../kptfile/kptfile.ts';
import type { PackageFiles } from '../package/files.ts';
import { resourcePaths } from '../package/resource-paths.ts';
import type { FunctionRuntime } from '../runtimes/function-runtime.ts';
import type { KrmObject } from '../yaml/krm-object.ts';
import { parseResources, YamlSyntaxError } from '../yaml/resource-file.ts';
import { createFunctionFiles } from './function-files.ts';
import { PackageError, type RenderOptions, type RenderOutcome } from './job.ts';
import type { RenderObserver } from './observer.ts';
import { objectsOf, type RenderNode } from './package-tree.ts';
import { RenderError } from './render-error.ts';
import { runPipeline } from './run-pipeline.ts';
import { type PipelineStep, resultList } from './steps.ts';
import { writeBack } from './write-back.ts';

/** One function, to be run on its own. */
export interface Evaluation {
  /** The function, as an entry of a pipeline would say it; not its configuration file. */
  readonly entry: Omit<PipelineFunction, 'configPath'>;
  /** The function's configuration, in place of the entry's `configMap`. */
  readonly config?: KrmObject;
  /** Files that the function does not get as objects, its own configuration for instance. */
  readonly excludedFiles?: readonly string[];
}

/**
 * Runs one function on all resources of a directory and of the packages in it, whatever their pipelines say. The directory need
 * not be a package. Failure is part of the answer, not thrown; the files are then as they were.
 */
export async function evaluateFunction(
  files: PackageFiles,
  evaluation: Evaluation,
  options: RenderOptions,
  runtime: FunctionRuntime,
  observer?: RenderObserver,
): Promise<RenderOutcome & { readonly files: PackageFiles }> {
  const { config } = evaluation;
  const steps: PipelineStep[] = [];
  try {
    const node = loadObjects(files, evaluation);
    await runPipeline(node, node.items, {
      runtime,
      steps,
      defaultImagePrefix: options.defaultImagePrefix,
      keepOnFailure: false,
      onProgress: (objects) => {
        node.items = [...objects];
      },
      readFile: createFunctionFiles({ files, root: '', directory: options.schemaDirectory }),
      ...(config && { config }),
      ...(observer && { observer }),
    });
    return { files: writeBack(files, node, '', true), result: resultList(steps, false) };
  } catch (error) {
    if (!(error instanceof RenderError || error instanceof PackageError)) throw error;
    if (steps.length === 0) observer?.failed(error);
    return { files, result: resultList(steps, true), error: error.message };
  }
}

function loadObjects(files: PackageFiles, evaluation: Evaluation): RenderNode {
  const excluded = new Set(evaluation.excludedFiles);
  const paths = resourcePaths(files).filter((path) => !excluded.has(path));
  const documents = new Map(paths.map((path) => [path, parseFile(path, files.get(path) ?? '')]));
  const items = [...documents].flatMap(([path, list]) => objectsOf(path, list, ''));
  return { path: '', kptfile: { pipeline: { mutators: [evaluation.entry] } }, children: [], items, documents };
}

function parseFile(path: string, text: string): ReturnType<typeof parseResources> {
  try {
    return parseResources(path, text);
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    throw new PackageError(`file ${JSON.stringify(path)}: ${error.message}`, path, { cause: error });
  }
}
