import { longSeconds, type Observers, timed } from '@porch/apiserver';
import { PackageError, type PackageJobResult, type PackageWorkers } from '@porch/kpt';

function outcomeOf(result: PackageJobResult): string {
  return result.render?.error === undefined ? 'ok' : 'render-failed';
}

function failureOf(error: unknown, signal: AbortSignal | undefined): string {
  if (signal?.aborted === true) return 'cancelled';
  return error instanceof PackageError ? 'refused' : 'error';
}

interface Work<T> {
  readonly kind: 'render' | 'other';
  readonly steps: string;
  readonly files: number;
  readonly run: () => Promise<T>;
  readonly outcome: (result: T) => string;
}

/**
 * The same workers, with their jobs timed and traced. `threads`: how many jobs run at once, but for those that run for long or wait for
 * functions.
 */
export function observeWorkers(
  workers: PackageWorkers,
  threads: number,
  { metrics, tracing }: Observers,
): PackageWorkers {
  const seconds = metrics.histogram({
    name: 'porch_package_job_duration_seconds',
    help: 'Time of work on packages, waiting included; kind render or other, outcome ok, render-failed, refused, cancelled or error.',
    labels: ['kind', 'outcome'],
    buckets: longSeconds,
  });
  let jobs = 0;
  metrics.observedGauge(
    {
      name: 'porch_package_workers',
      help: 'Threads that work on packages, but for those of jobs that run for long or wait for functions.',
    },
    () => [[{}, threads]],
  );
  metrics.observedGauge(
    {
      name: 'porch_package_workers_busy',
      help: 'Jobs on packages that have a thread; more than there are threads where some run for long or wait for functions.',
    },
    () => [[{}, jobs - workers.waiting]],
  );
  metrics.observedGauge({ name: 'porch_package_jobs_waiting', help: 'Jobs that wait for a thread.' }, () => [
    [{}, workers.waiting],
  ]);
  const observed = <T>(work: Work<T>, signal: AbortSignal | undefined): Promise<T> => {
    const { kind, steps, files } = work;
    jobs++;
    return tracing.span('package job', { 'porch.steps': steps, 'porch.files': files }, (span) =>
      timed(work.run, { result: work.outcome, failure: (error) => failureOf(error, signal) }, (outcome, took) => {
        jobs--;
        span.set({ 'porch.outcome': outcome });
        seconds.observe({ kind, outcome }, took);
      }),
    );
  };
  return {
    get waiting() {
      return workers.waiting;
    },
    run(job, signal) {
      const kind = job.steps.some(({ type }) => type === 'render') ? 'render' : 'other';
      const steps = job.steps.map(({ type }) => type).join(',');
      const run = () => workers.run(job, signal);
      return observed({ kind, steps, files: job.files.size, run, outcome: outcomeOf }, signal);
    },
    summarize(kptfiles, signal) {
      const run = () => workers.summarize(kptfiles, signal);
      return observed({ kind: 'other', steps: 'summarize', files: kptfiles.length, run, outcome: () => 'ok' }, signal);
    },
    close: () => workers.close(),
  };
}
