/** What the operating system may have against a file, and what whoever runs the command can do about it. */
const problems: Readonly<Record<string, string>> = {
  EACCES: 'permission denied; give it to the user that porch runs as',
  EPERM: 'permission denied; give it to the user that porch runs as',
  EROFS: 'the file system is read-only; make it writable, or choose another directory',
  ENOSPC: 'the disk is full; make room on it',
  EDQUOT: 'the quota of the disk is used up; make room on it',
  EISDIR: 'a directory stands where a file is needed; move it away',
  EEXIST: 'a file stands where a directory is needed; move it away',
  ENOTDIR: 'a file stands where a directory is needed; move it away',
};

/**
 * Says in words what is wrong with a file, where that is what the error is about and somebody has to put it right; undefined otherwise.
 * `place` stands for the file where the error names none, as those of writes to an open file do.
 */
export function fileProblem(error: unknown, place?: string): string | undefined {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return undefined;
  const { dest, path = place } = error as { readonly dest?: unknown; readonly path?: unknown };
  const file = dest ?? path;
  const problem = problems[String(error.code)];
  if (problem === undefined || typeof file !== 'string' || String(error.syscall).startsWith('spawn')) return undefined;
  return `${file} cannot be used: ${problem}`;
}
