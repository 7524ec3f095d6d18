import { problemOf } from '../git/broker/file-problem.ts';
import { isMissingFile } from '../git/broker/system-errors.ts';

/** What the operating system has against using a path as a directory, in words. */
export function systemReason(error: unknown): string {
  if (isMissingFile(error)) return 'no directory can be made there';
  return problemOf(error)?.reason ?? (error instanceof Error ? error.message : String(error));
}
