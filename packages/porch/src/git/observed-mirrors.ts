import { longSeconds, type Observers, timed } from '@porch/apiserver';
import { GitError, type Mirror, type Mirrors, type OperationOptions } from './types.ts';

/** How an operation failed: `cancelled`, the class of Git's error, or `Error` for anything else. */
function outcomeOf(error: unknown, signal: AbortSignal | undefined): string {
  if (signal?.aborted === true) return 'cancelled';
  return error instanceof GitError ? error.errorClass : 'Error';
}

/** What is known of how an operation may end. */
interface Ends<T> {
  readonly result?: (result: T) => string;
  readonly signal?: AbortSignal;
}

function cancelledBy({ signal }: OperationOptions = {}): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/**
 * The same mirrors, with the operations timed and traced that start a process or talk to a remote. Reads from the objects at hand are left
 * out: they are many and short.
 */
export function observeMirrors(mirrors: Mirrors, { metrics, tracing }: Observers): Mirrors {
  const seconds = metrics.histogram({
    name: 'porch_git_operation_duration_seconds',
    help: 'Time of Git operations, with their outcome: ok, rejected, cancelled, or the class of the error.',
    labels: ['operation', 'outcome'],
    buckets: longSeconds,
  });
  const measured = new Map<Mirror, Mirror>();
  metrics.observedGauge({ name: 'porch_git_mirrors', help: 'Mirrors of remote repositories that are in use.' }, () => [
    [{}, measured.size],
  ]);

  const time = <T>(operation: string, work: () => Promise<T>, ends: Ends<T> = {}): Promise<T> =>
    tracing.span(`git ${operation}`, {}, (span) =>
      timed(work, { ...ends, failure: (error) => outcomeOf(error, ends.signal) }, (outcome, took) => {
        span.set({ 'porch.outcome': outcome });
        seconds.observe({ operation, outcome }, took);
      }),
    );

  const measure = (mirror: Mirror): Mirror => ({
    directory: mirror.directory,
    lsRemote: (access, options) => time('ls-remote', () => mirror.lsRemote(access, options), cancelledBy(options)),
    defaultBranch: (access, options) =>
      time('ls-remote', () => mirror.defaultBranch(access, options), cancelledBy(options)),
    fetch: (access, options) => time('fetch', () => mirror.fetch(access, options), cancelledBy(options)),
    push: (access, updates, options) =>
      time('push', () => mirror.push(access, updates, options), {
        ...cancelledBy(options),
        result: ({ type }) => (type === 'accepted' ? 'ok' : 'rejected'),
      }),
    writeCommits: (commits) => time('write-commits', () => mirror.writeCommits(commits)),
    history: (from, except, take) => time('history', () => mirror.history(from, except, take)),
    treesAt: (places, name) => time('look-up', () => mirror.treesAt(places, name)),
    has: (id) => mirror.has(id),
    commit: (id) => mirror.commit(id),
    commitNamed: (text) => mirror.commitNamed(text),
    entryAt: (treeish, path) => mirror.entryAt(treeish, path),
    listTree: (treeish, options) => mirror.listTree(treeish, options),
    blobs: (ids, mostBytes) => mirror.blobs(ids, mostBytes),
    files: (tree) => mirror.files(tree),
  });

  return {
    async open(url) {
      const mirror = await mirrors.open(url);
      const known = measured.get(mirror) ?? measure(mirror);
      measured.set(mirror, known);
      return known;
    },
    async removeUnused(options) {
      const report = await mirrors.removeUnused(options);
      const gone = new Set(report.removed.map(({ directory }) => directory));
      for (const mirror of measured.keys()) if (gone.has(mirror.directory)) measured.delete(mirror);
      return report;
    },
    close: () => mirrors.close(),
  };
}
