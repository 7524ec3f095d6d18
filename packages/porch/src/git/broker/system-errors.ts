/**
 * Tests for the errors of the operating system.
 */

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** No such file or directory. */
export function isMissingFile(error: unknown): boolean {
  return hasCode(error, 'ENOENT');
}

/** What stands at a path, or above it, is no directory. */
export function isNoDirectory(error: unknown): boolean {
  return hasCode(error, 'ENOTDIR');
}

/** No such process, or one that is gone while it was looked at. */
export function isMissingProcess(error: unknown): boolean {
  return hasCode(error, 'ESRCH') || hasCode(error, 'ENOENT');
}

/** What is asked for is not done for what stands there, as on some file systems. */
export function isUnsupported(error: unknown): boolean {
  return hasCode(error, 'EINVAL') || hasCode(error, 'ENOTSUP');
}

/** Another user's. */
export function isForbidden(error: unknown): boolean {
  return hasCode(error, 'EACCES') || hasCode(error, 'EPERM');
}
