/** Packages of Kubernetes configuration as data. */
export { builtInFunctions } from './functions/catalogue.ts';
export * from './functions/function.ts';
export * from './kptfile/types.ts';
export * from './package/files.ts';
export * from './pipeline/job.ts';
export * from './pipeline/results.ts';
export { KrmObject } from './yaml/krm-object.ts';
export type { FieldPath, FieldValue } from './yaml/node-edits.ts';
