/** What the operating system may have against a file or a directory, and what whoever runs the command can do about it. */
interface Problem {
  readonly reason: string;
  readonly advice: string;
}

const denied: Problem = { reason: 'permission denied', advice: 'give it to the user that porch runs as' };
const inTheWay: Problem = { reason: 'a file stands where a directory is needed', advice: 'move it away' };

const problems: Readonly<Record<string, Problem>> = {
  EACCES: denied,
  EPERM: denied,
  EROFS: { reason: 'the file system is read-only', advice: 'make it writable, or choose another directory' },
  ENOSPC: { reason: 'the disk is full', advice: 'make room on it' },
  EDQUOT: { reason: 'the quota of the disk is used up', advice: 'make room on it' },
  EISDIR: { reason: 'a directory stands where a file is needed', advice: 'move it away' },
  EEXIST: inTheWay,
  ENOTDIR: inTheWay,
};

/** What an error of the operating system is about; undefined for others. */
export function problemOf(error: unknown): Problem | undefined {
  return error instanceof Error && 'code' in error ? problems[String(error.code)] : undefined;
}

/**
 * Says in words what is wrong with a file, where that is what the error is about and somebody has to put it right; undefined otherwise.
 * `place` stands for the file where the error names none, as those of writes to an open file do.
 */
export function fileProblem(error: unknown, place?: string): string | undefined {
  const problem = problemOf(error);
  if (problem === undefined || !(error instanceof Error && 'syscall' in error)) return undefined;
  const { dest, path = place } = error as { readonly dest?: unknown; readonly path?: unknown };
  const file = dest ?? path;
  if (typeof file !== 'string' || String(error.syscall).startsWith('spawn')) return undefined;
  return `${file} cannot be used: ${problem.reason}; ${problem.advice}`;
}
