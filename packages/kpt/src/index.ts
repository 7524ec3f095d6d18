/** Packages of Kubernetes configuration as data. */
export * from './kptfile/types.ts';
export * from './package/files.ts';
export * from './pipeline/job.ts';
export * from './pipeline/results.ts';
