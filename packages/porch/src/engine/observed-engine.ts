import { longSeconds, type Observers, StatusError, timed } from '@porch/apiserver';
import type { Engine } from './types.ts';

function outcomeOf(error: unknown): string {
  if (!(error instanceof StatusError)) return 'error';
  if (error.code === 409) return 'conflict';
  if (error.code === 503) return 'unavailable';
  if (error.code === 504) return 'cancelled';
  return error.code < 500 ? 'refused' : 'error';
}

/** What an update of a package revision comes down to. */
function operationOf(before: string | undefined, after: string | undefined): string {
  if (before === after) return 'update';
  switch (after) {
    case 'Proposed':
      return 'propose';
    case 'Draft':
      return 'reject';
    case 'DeletionProposed':
      return 'propose-deletion';
    default:
      return before === 'DeletionProposed' ? 'reject-deletion' : 'publish';
  }
}

const tasks = new Set(['init', 'clone', 'edit', 'upgrade']);

/** The same engine, with its writes timed and traced. Dry runs are not timed. */
export function observeEngine(engine: Engine, { metrics, tracing }: Observers): Engine {
  const seconds = metrics.histogram({
    name: 'porch_engine_operation_duration_seconds',
    help: 'Time of writes to package revisions; outcome ok, conflict, refused, unavailable, cancelled or error. Dry runs are left out.',
    labels: ['operation', 'outcome'],
    buckets: longSeconds,
  });
  const time = <T>(dryRun: boolean, operation: () => string, work: () => Promise<T>): Promise<T> =>
    tracing.span('engine', { 'porch.dry_run': dryRun }, (span) =>
      timed(work, { failure: outcomeOf }, (outcome, took) => {
        span.rename(`engine ${operation()}`);
        span.set({ 'porch.outcome': outcome });
        if (!dryRun) seconds.observe({ operation: operation(), outcome }, took);
      }),
    );

  return {
    objectCache: () => engine.objectCache(),
    createPackageRevision(context, object, options) {
      const task = object.spec.tasks?.[0]?.type ?? 'init';
      const operation = `create-${tasks.has(task) ? task : 'other'}`;
      return time(
        options.dryRun,
        () => operation,
        () => engine.createPackageRevision(context, object, options),
      );
    },
    updatePackageRevision(context, name, update, options) {
      let operation = 'update';
      const observed: typeof update = async (current) => {
        const before = current?.spec.lifecycle;
        const wanted = await update(current);
        operation = operationOf(before, wanted.spec.lifecycle);
        return wanted;
      };
      return time(
        options.dryRun,
        () => operation,
        () => engine.updatePackageRevision(context, name, observed, options),
      );
    },
    deletePackageRevision: (context, name, options) =>
      time(
        options.dryRun,
        () => 'delete',
        () => engine.deletePackageRevision(context, name, options),
      ),
    updatePackageResources: (context, name, update, options) =>
      time(
        options.dryRun,
        () => 'update-resources',
        () => engine.updatePackageResources(context, name, update, options),
      ),
  };
}
