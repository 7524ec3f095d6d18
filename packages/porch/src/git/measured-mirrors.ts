import { longSeconds, type Metrics } from '@porch/apiserver';
import { GitError, type Mirror, type Mirrors } from './types.ts';

/** How an operation ended: `ok`, the class of Git's error, or `Error` for anything else. */
function outcomeOf(error: unknown): string {
  return error instanceof GitError ? error.errorClass : 'Error';
}

/**
 * The same mirrors, with the operations timed that start a process or talk to a remote. Reads from the objects at hand are left
 * out: they are many and short.
 */
export function measureMirrors(mirrors: Mirrors, metrics: Metrics): Mirrors {
  const seconds = metrics.histogram({
    name: 'porch_git_operation_duration_seconds',
    help: 'Time of Git operations, with their outcome: ok, rejected, or the class of the error.',
    labels: ['operation', 'outcome'],
    buckets: longSeconds,
  });
  const measured = new Map<Mirror, Mirror>();
  metrics.observedGauge({ name: 'porch_git_mirrors', help: 'Mirrors of remote repositories that are in use.' }, () => [
    [{}, measured.size],
  ]);

  const time = async <T>(operation: string, work: () => Promise<T>, outcomeIs: (result: T) => string): Promise<T> => {
    const begun = performance.now();
    let outcome = 'ok';
    try {
      const result = await work();
      outcome = outcomeIs(result);
      return result;
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      seconds.observe({ operation, outcome }, (performance.now() - begun) / 1000);
    }
  };
  const ok = () => 'ok';

  const measure = (mirror: Mirror): Mirror => ({
    directory: mirror.directory,
    lsRemote: (access, options) => time('ls-remote', () => mirror.lsRemote(access, options), ok),
    fetch: (access, options) => time('fetch', () => mirror.fetch(access, options), ok),
    push: (access, updates, options) =>
      time(
        'push',
        () => mirror.push(access, updates, options),
        ({ type }) => (type === 'accepted' ? 'ok' : 'rejected'),
      ),
    writeCommits: (commits) => time('write-commits', () => mirror.writeCommits(commits), ok),
    history: (from, except) => time('history', () => mirror.history(from, except), ok),
    lookUp: (places) => time('look-up', () => mirror.lookUp(places), ok),
    has: (id) => mirror.has(id),
    commit: (id) => mirror.commit(id),
    entryAt: (treeish, path) => mirror.entryAt(treeish, path),
    listTree: (treeish, options) => mirror.listTree(treeish, options),
    blobs: (ids) => mirror.blobs(ids),
    files: (tree) => mirror.files(tree),
  });

  return {
    async open(url) {
      const mirror = await mirrors.open(url);
      const known = measured.get(mirror) ?? measure(mirror);
      measured.set(mirror, known);
      return known;
    },
    close: () => mirrors.close(),
  };
}
