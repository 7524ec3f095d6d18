import { longSeconds, type Metrics } from '@porch/apiserver';
import { PackageError, type PackageJobResult, type PackageWorkers } from '@porch/kpt';

function outcomeOf(result: PackageJobResult): string {
  return result.render?.error === undefined ? 'ok' : 'render-failed';
}

function failureOf(error: unknown, signal: AbortSignal | undefined): string {
  if (signal?.aborted === true) return 'cancelled';
  return error instanceof PackageError ? 'refused' : 'error';
}

/** The same workers, with their jobs timed. `threads`: how many jobs run at once. */
export function measureWorkers(workers: PackageWorkers, threads: number, metrics: Metrics): PackageWorkers {
  const seconds = metrics.histogram({
    name: 'porch_package_job_duration_seconds',
    help: 'Time of work on packages, waiting included; kind render or other, outcome ok, render-failed, refused, cancelled or error.',
    labels: ['kind', 'outcome'],
    buckets: longSeconds,
  });
  let jobs = 0;
  metrics.observedGauge({ name: 'porch_package_workers', help: 'Threads that work on packages.' }, () => [
    [{}, threads],
  ]);
  metrics.observedGauge({ name: 'porch_package_workers_busy', help: 'Threads at work on a package.' }, () => [
    [{}, Math.min(jobs, threads)],
  ]);
  metrics.observedGauge({ name: 'porch_package_jobs_waiting', help: 'Jobs that wait for a thread.' }, () => [
    [{}, Math.max(0, jobs - threads)],
  ]);
  return {
    async run(job, signal) {
      const kind = job.steps.some(({ type }) => type === 'render') ? 'render' : 'other';
      const begun = performance.now();
      let outcome = 'ok';
      jobs++;
      try {
        const result = await workers.run(job, signal);
        outcome = outcomeOf(result);
        return result;
      } catch (error) {
        outcome = failureOf(error, signal);
        throw error;
      } finally {
        jobs--;
        seconds.observe({ kind, outcome }, (performance.now() - begun) / 1000);
      }
    },
    close: () => workers.close(),
  };
}
