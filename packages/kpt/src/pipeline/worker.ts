import { PackageError, type PackageJob, type PackageJobResult } from './job.ts';
import { runJob } from './run-job.ts';

/** What a worker thread sends back; errors lose their class on the way, so the expected ones travel as data. */
export type WorkerAnswer =
  | { readonly result: PackageJobResult }
  | { readonly refused: { readonly message: string; readonly path: string | undefined } };

/** The worker thread's task: one job from start to end. */
export default function work(job: PackageJob): WorkerAnswer {
  try {
    return { result: runJob(job) };
  } catch (error) {
    if (error instanceof PackageError) return { refused: { message: error.message, path: error.path } };
    throw error;
  }
}
