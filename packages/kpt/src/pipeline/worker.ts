import type { MessagePort } from 'node:worker_threads';
import { sharedSummary, summarizeKptfile } from '../kptfile/summarize-kptfile.ts';
import type { KptfileSummary } from '../kptfile/types.ts';
import { type BuiltInOutcome, evaluateResourceList } from '../runtimes/evaluate-resource-list.ts';
import { isEngineLimit } from './engine-limit.ts';
import { functionClient, PostponedError } from './function-client.ts';
import { giveWay, workNiceness } from './give-way.ts';
import { PackageError, type PackageJob, type PackageJobResult } from './job.ts';
import { RenderMemory } from './render-memory.ts';
import { runJob } from './run-job.ts';
import { TextMemory } from './text-memory.ts';

/** What a worker thread is given. */
export type WorkerTask =
  | {
      readonly type: 'job';
      readonly job: PackageJob;
      /** Where functions are asked for that are not built in, and what they are then looked for in; nothing is where there are none. */
      readonly elsewhere: { readonly port: MessagePort; readonly names: readonly string[] };
    }
  /** Texts of Kptfiles in Git that are to be summed up. */
  | { readonly type: 'kptfiles'; readonly texts: readonly string[] }
  /** A built-in function to be run on a ResourceList. */
  | { readonly type: 'function'; readonly image: string; readonly resourceList: Uint8Array };

/** A call of a built-in function. */
export interface BuiltInCall {
  readonly name: string;
  readonly milliseconds: number;
  readonly failed: boolean;
}

/** What a worker thread sends back; errors lose their class on the way, so the expected ones travel as data. */
export type WorkerAnswer =
  | {
      readonly type: 'done';
      readonly result: PackageJobResult;
      readonly calls: readonly BuiltInCall[];
      /** How long the job took on the thread, waits for functions included. */
      readonly milliseconds: number;
    }
  | { readonly type: 'refused'; readonly message: string; readonly path: string | undefined }
  /** It has to wait for a function, for which there was no room: the job is to be given again. */
  | { readonly type: 'postponed' }
  | { readonly type: 'summarized'; readonly summaries: readonly KptfileSummary[] }
  | { readonly type: 'evaluated'; readonly outcome: BuiltInOutcome | undefined };

/** What comes of a job. */
export type JobAnswer = Extract<WorkerAnswer, { type: 'done' | 'refused' | 'postponed' }>;

// Whoever only wants to read does not wait for those who render.
giveWay(workNiceness);

/** Of this one thread: packages come again and again with most of their texts as they were. */
const memory = new TextMemory(8 * 1024 * 1024);
const renders = new RenderMemory(16 * 1024 * 1024);

/** The worker thread's task: one job, some Kptfiles, or one function, from start to end. */
export default async function work(task: WorkerTask): Promise<WorkerAnswer> {
  if (task.type === 'function') {
    return { type: 'evaluated', outcome: evaluateResourceList(task.image, task.resourceList) };
  }
  if (task.type === 'kptfiles') {
    const summaries = task.texts.map((text) => memory.recall('summary', text, () => summarizeKptfile(text)));
    return { type: 'summarized', summaries: summaries.map((summary) => sharedSummary(summary)) };
  }
  return runTask(task);
}

async function runTask({ job, elsewhere }: Extract<WorkerTask, { type: 'job' }>): Promise<JobAnswer> {
  const begun = performance.now();
  const calls: BuiltInCall[] = [];
  const { evaluate, hold } = functionClient(elsewhere.port);
  try {
    const result = await runJob(job, {
      memory,
      renders,
      elsewhere: elsewhere.names.length > 0 ? { evaluate, names: elsewhere.names } : undefined,
      hold,
      onBuiltIn: (name, milliseconds, failed) => calls.push({ name, milliseconds, failed }),
    });
    return { type: 'done', result, calls, milliseconds: performance.now() - begun };
  } catch (error) {
    if (error instanceof PackageError) return { type: 'refused', message: error.message, path: error.path };
    if (error instanceof PostponedError) return { type: 'postponed' };
    if (isEngineLimit(error)) {
      const message = `work on the package was ended: a text or a structure in it became too large (${error.message})`;
      return { type: 'refused', message, path: undefined };
    }
    throw error;
  } finally {
    elsewhere.port.close();
  }
}
