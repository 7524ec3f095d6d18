import { PackageError, type PackageJob, type PackageJobResult } from './job.ts';
import { runJob } from './run-job.ts';
import { TextMemory } from './text-memory.ts';

/** What a worker thread sends back; errors lose their class on the way, so the expected ones travel as data. */
export type WorkerAnswer =
  | { readonly result: PackageJobResult }
  | { readonly refused: { readonly message: string; readonly path: string | undefined } };

/** Of this one thread: packages come again and again with most of their texts as they were. */
const memory = new TextMemory(8 * 1024 * 1024);

/** The worker thread's task: one job from start to end. */
export default async function work(job: PackageJob): Promise<WorkerAnswer> {
  try {
    return { result: await runJob(job, memory) };
  } catch (error) {
    if (error instanceof PackageError) return { refused: { message: error.message, path: error.path } };
    throw error;
  }
}
