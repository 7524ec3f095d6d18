/** Packages of Kubernetes configuration as data. */

// Packages as files, and jobs on them, on worker threads or on the calling one.

export { kptfileName, type PackageFiles } from './package/files.ts';
export {
  type FunctionWorkers,
  PackageError,
  type PackageJob,
  type PackageJobResult,
  type PackageStep,
  type PackageWorkers,
  type RenderOptions,
  type RenderOutcome,
} from './pipeline/job.ts';
export { runJob } from './pipeline/run-job.ts';
export { Slots } from './pipeline/slots.ts';
export type { WorkerObserver } from './pipeline/worker-observer.ts';
export { createPackageWorkers, type PackageWorkersOptions } from './pipeline/workers.ts';

// Rendering, and calls of one function.

export { type Evaluation, evaluateFunction } from './pipeline/evaluate-function.ts';
export type { ObservedCall, RenderObserver } from './pipeline/observer.ts';
export { RenderError } from './pipeline/render-error.ts';
export { type RenderedPackage, renderPackage } from './pipeline/render-package.ts';
export type { FunctionResult, FunctionResultItem, FunctionResultList } from './pipeline/results.ts';
export type { PipelineStep } from './pipeline/steps.ts';

// Upgrading.

export {
  type UpgradeOptions,
  type UpgradeStrategy,
  upgradePackage,
  upgradeStrategies,
} from './update/upgrade-package.ts';

// Kptfiles.

export { type ResourceSelector, renderedCondition } from './kptfile/kptfile.ts';
export { sharedSummary, summarizeKptfile } from './kptfile/summarize-kptfile.ts';
export type { KptfileCondition, KptfileSummary, KptfileUpstream, KptfileUpstreamLock } from './kptfile/types.ts';

// Functions that come with the package, and the resources that functions see.

export { builtInFunctions } from './functions/catalogue.ts';
export type { FunctionCatalogue, FunctionInput, FunctionOutput, KrmFunction } from './functions/function.ts';
export { KrmObject } from './yaml/krm-object.ts';
export type { FieldPath, FieldValue } from './yaml/node-edits.ts';

// How the image of a function is resolved and run.

export { isImageReference } from './kptfile/image-reference.ts';
export { createBuiltInEvaluator } from './runtimes/built-in-evaluator.ts';
export { createBuiltInRuntime } from './runtimes/built-in-runtime.ts';
export {
  defaultRunLimits,
  type EvaluationOutcome,
  type EvaluationRequest,
  type FunctionEvaluator,
  FunctionRunError,
  firstOf,
  type RunLimits,
} from './runtimes/evaluator.ts';
export type { FunctionRule } from './runtimes/function-rule.ts';
export type { FunctionCall, FunctionRun, FunctionRuntime } from './runtimes/function-runtime.ts';
export type { FunctionRunner, FunctionRunnerOptions, RunnerCall } from './runtimes/grpc/function-runner.ts';
export type { GrpcEvaluator, GrpcEvaluatorOptions, RunnerState } from './runtimes/grpc/grpc-evaluator.ts';
export { connectFunctionRunner, createFunctionRunner } from './runtimes/grpc/open.ts';
export { ContainerEvaluator, type ContainerOptions } from './runtimes/programs/container-evaluator.ts';
export { ExecutableEvaluator, type ExecutableOptions } from './runtimes/programs/executable-evaluator.ts';
export { ImageTableError, readImageTable } from './runtimes/programs/image-table.ts';
export {
  ProgramEndedError,
  type ProgramOutcome,
  type ProgramRequest,
  type ProgramRunner,
} from './runtimes/programs/program-runner.ts';
export { isVariableName, isVariableValue } from './runtimes/programs/variables-file.ts';
export { isTagOrRange } from './runtimes/version-range.ts';
export { ModuleEvaluator, type ModuleOptions } from './runtimes/wasm/module-evaluator.ts';

// Packages in directories, for the command line.

export { evaluateDirectory, type LocalEvaluation } from './local/evaluate-directory.ts';
export { type FunctionConfigFile, readFunctionConfig } from './local/function-config.ts';
export { LocalError } from './local/local-error.ts';
export type { LocalOutput, LocalRun, Writing } from './local/local-run.ts';
export { renderDirectory } from './local/render-directory.ts';
