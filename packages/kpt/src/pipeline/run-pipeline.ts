import type { PipelineFunction } from '../kptfile/kptfile.ts';
import type { FunctionRun, FunctionRuntime } from '../runtimes/function-runtime.ts';
import { resolveImage } from '../runtimes/image-reference.ts';
import type { KrmObject } from '../yaml/krm-object.ts';
import { failureReason } from './failure-reason.ts';
import { functionConfig } from './function-config.ts';
import type { ReadFunctionFile } from './function-files.ts';
import { listProblem } from './krm-check.ts';
import type { RenderObserver } from './observer.ts';
import type { RenderNode } from './package-tree.ts';
import { placeObjects } from './place-objects.ts';
import { RenderError, type RenderErrorOptions } from './render-error.ts';
import { mergeSelected, selectObjects } from './select.ts';
import type { PipelineStep } from './steps.ts';

/** What a pipeline needs besides its package. */
export interface PipelineContext {
  readonly runtime: FunctionRuntime;
  readonly defaultImagePrefix: string;
  /** Whether what a failing function changed must be undone. */
  readonly keepOnFailure: boolean;
  /** Every step is added here, failed ones included. */
  readonly steps: PipelineStep[];
  /** Called with all objects after each mutator that succeeded. */
  readonly onProgress: (objects: readonly KrmObject[]) => void;
  /** The configuration of all functions, in place of what their entries name. */
  readonly config?: KrmObject;
  /** The directory of the package that is being rendered, for messages; the pipeline's own unless given. */
  readonly during?: string;
  readonly observer?: RenderObserver;
  /** Where functions look things up. */
  readonly readFile?: ReadFunctionFile;
  /** Called when a function has run that might answer otherwise the next time. */
  readonly onUnrepeatable?: () => void;
}

/**
 * Runs a package's mutators, then its validators, on its objects and those of the packages below, one after another.
 *
 * @throws RenderError for the first function that fails
 */
export async function runPipeline(
  node: RenderNode,
  objects: readonly KrmObject[],
  context: PipelineContext,
): Promise<void> {
  const { mutators = [], validators = [] } = node.kptfile.pipeline ?? {};
  const problem = listProblem('input', objects);
  if (mutators.length === 0 && validators.length === 0) {
    if (problem !== undefined) throw new RenderError(node.path, undefined, problem, errorOptions(context));
    return;
  }
  context.observer?.pipelineBegins(node.path);
  refuseExec(node, context);
  let current = objects;
  // A mutator that cannot be named or found ends the pipeline before any has run.
  for (const step of mutators.map((entry) => new FunctionCallStep(node, entry, 'mutator', context))) {
    current = await step.run(current);
    context.onProgress(current);
  }
  for (const entry of validators) await new FunctionCallStep(node, entry, 'validator', context).run(current);
  context.observer?.pipelineEnds(node.path);
}

function errorOptions({ during }: PipelineContext): RenderErrorOptions {
  return during === undefined ? {} : { during };
}

function refuseExec(node: RenderNode, context: PipelineContext): void {
  for (const [kind, list] of [
    ['mutator', node.kptfile.pipeline?.mutators],
    ['validator', node.kptfile.pipeline?.validators],
  ] as const) {
    const { runtime } = context;
    const entry = list?.find(({ exec }) => exec && runtime.findProgram?.(exec) === undefined);
    if (entry === undefined) continue;
    const remark = runtime.findProgram === undefined ? ', which is not possible here' : '';
    const executionError = `must run with \`--allow-exec\` option to allow running function binaries${remark}`;
    const { name, exec } = entry;
    context.steps.push({
      kind,
      name,
      exec,
      image: undefined,
      exitCode: 1,
      stderr: undefined,
      executionError,
      results: [],
    });
    throw new RenderError(node.path, 'pipeline.run', executionError, errorOptions(context));
  }
}

class FunctionCallStep {
  readonly #node: RenderNode;
  readonly #entry: PipelineFunction;
  readonly #kind: PipelineStep['kind'];
  readonly #context: PipelineContext;
  readonly #image: string | undefined;
  readonly #call: FunctionRun;

  constructor(node: RenderNode, entry: PipelineFunction, kind: PipelineStep['kind'], context: PipelineContext) {
    this.#node = node;
    this.#entry = entry;
    this.#kind = kind;
    this.#context = context;
    this.#image = this.#resolve(entry);
    this.#call = this.#find(this.#image ?? entry.exec ?? '');
  }

  #resolve({ exec, image = '', tag }: PipelineFunction): string | undefined {
    if (exec) return undefined;
    const { runtime, defaultImagePrefix } = this.#context;
    try {
      return resolveImage(image, runtime.resolveTag(image, tag) ?? tag, defaultImagePrefix);
    } catch (error) {
      if (error instanceof RangeError) throw this.#fail({ executionError: error.message });
      throw error;
    }
  }

  #find(image: string): FunctionRun {
    const { runtime } = this.#context;
    const call = this.#entry.exec ? runtime.findProgram?.(image) : runtime.find(image);
    if (call === undefined) throw this.#fail({ executionError: runtime.whyUnknown(image) });
    return call;
  }

  /** The objects after the function: for a mutator what it made of them, for a validator as they were. */
  async run(objects: readonly KrmObject[]): Promise<readonly KrmObject[]> {
    const image = this.#image ?? this.#entry.exec ?? '';
    const selected = selectObjects(this.#entry, objects);
    const selects = [this.#entry.selectors, this.#entry.exclude].some((list) => list && list.length > 0);
    this.#context.observer?.functionBegins({
      image,
      packagePath: this.#node.path,
      selected: selects ? selected.length : undefined,
    });
    const inputProblem = listProblem('input', selected);
    if (inputProblem !== undefined) throw this.#fail({ executionError: inputProblem });
    const isMutator = this.#kind === 'mutator';
    // A failed function's changes must not be kept; a validator's never are.
    const working = isMutator && !this.#context.keepOnFailure ? selected : selected.map((object) => object.clone());
    const config = this.#context.config ?? functionConfig(this.#entry, this.#node, objects);
    const { readFile } = this.#context;
    const lookUp = readFile && ((path: string) => readFile(this.#node.path, path));
    const outcome = await this.#call({ items: working, config, readFile: lookUp });
    if (outcome.isRepeatable === false) this.#context.onUnrepeatable?.();
    if (outcome.exitCode !== 0) throw this.#fail(outcome);
    if (!isMutator) {
      this.#record(outcome);
      return objects;
    }
    if (outcome.isSilent === true) throw this.#fail({ ...outcome, exitCode: 1, executionError: this.#silence(image) });
    const output = mergeSelected(swap(objects, selected, working), working, outcome.items);
    const problem = placeObjects(output, this.#node.path, config) ?? listProblem('output', outcome.items);
    if (problem !== undefined) throw this.#fail({ executionError: problem });
    this.#record(outcome);
    return output;
  }

  #silence(image: string): string {
    const title = `function ${JSON.stringify(image)}`;
    return `${title}: what it printed cannot be used: it is no ResourceList with items, but nothing at all`;
  }

  #record(outcome: Partial<PipelineStep>): void {
    const { exitCode = 1, stderr, executionError, results = [] } = outcome;
    const { name, exec, image } = this.#entry;
    const step: PipelineStep = {
      kind: this.#kind,
      name,
      image: exec ? undefined : (this.#image ?? image),
      exec: exec || undefined,
      exitCode,
      stderr,
      executionError,
      results,
    };
    this.#context.steps.push(step);
    this.#context.observer?.functionEnds(step);
  }

  #fail(outcome: Partial<PipelineStep>): RenderError {
    this.#record(outcome);
    const name = JSON.stringify(this.#image ?? this.#entry.exec);
    const reason = outcome.executionError ?? `function ${name} failed: ${failureReason(outcome)}`;
    return new RenderError(this.#node.path, 'pipeline.run', reason, {
      ...errorOptions(this.#context),
      isObserved: true,
    });
  }
}

/** The list with some of its objects exchanged for others, place by place. */
function swap(all: readonly KrmObject[], from: readonly KrmObject[], to: readonly KrmObject[]): readonly KrmObject[] {
  if (from === to) return all;
  if (from === all) return to;
  const replacements = new Map(from.map((object, index) => [object, to[index]]));
  return all.map((object) => replacements.get(object) ?? object);
}
