import { longSeconds, type Metrics } from '@porch/apiserver';
import type { WorkerObserver } from '@porch/kpt';

/** Counts and times what worker threads say of functions and of results that are used again. */
export function measureFunctions(metrics: Metrics): WorkerObserver {
  const seconds = metrics.histogram({
    name: 'porch_function_duration_seconds',
    help: 'Time of calls of functions, by the way they were run; runtime built-in, function runner, executable, container or wasm, outcome ok or failed.',
    labels: ['runtime', 'outcome'],
    buckets: longSeconds,
  });
  const renders = metrics.counter({
    name: 'porch_renders_total',
    help: 'Renders of packages, and whether an equal one was found rendered already; outcome ok or failed.',
    labels: ['reused', 'outcome'],
  });
  const answers = metrics.counter({
    name: 'porch_function_answers_looked_up_total',
    help: 'Calls of functions named by digest, and whether the answer to an equal call was still known.',
    labels: ['found'],
  });
  const outcome = (failed: boolean) => (failed ? 'failed' : 'ok');
  return {
    functionEnded: ({ runtime, milliseconds, failed }) =>
      seconds.observe({ runtime, outcome: outcome(failed) }, milliseconds / 1000),
    renderEnded: ({ reused, failed }) => renders.add({ reused: String(reused), outcome: outcome(failed) }),
    answerLookedUp: (found) => answers.add({ found: String(found) }),
  };
}
