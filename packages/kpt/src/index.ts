/** Packages of Kubernetes configuration as data. */
export { builtInFunctions } from './functions/catalogue.ts';
export * from './functions/function.ts';
export { summarizeKptfile } from './kptfile/summarize-kptfile.ts';
export * from './kptfile/types.ts';
export * from './package/files.ts';
export { initPackage, type NewPackage } from './package/init-package.ts';
export * from './pipeline/job.ts';
export { type RenderedPackage, renderPackage } from './pipeline/render-package.ts';
export * from './pipeline/results.ts';
export { runJob } from './pipeline/run-job.ts';
export { createPackageWorkers, type PackageWorkersOptions } from './pipeline/workers.ts';
export { createBuiltInRuntime } from './runtimes/built-in-runtime.ts';
export type { FunctionCall, FunctionRuntime } from './runtimes/function-runtime.ts';
export {
  type UpgradeOptions,
  type UpgradeStrategy,
  upgradePackage,
  upgradeStrategies,
} from './update/upgrade-package.ts';
export { KrmObject } from './yaml/krm-object.ts';
export type { FieldPath, FieldValue } from './yaml/node-edits.ts';
