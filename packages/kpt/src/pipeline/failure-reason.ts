import type { PipelineStep } from './steps.ts';

/** How many of a function's errors are told in one message; all of them are among the results. */
const mostErrors = 3;

/** Longest error that is told in full, in characters. */
const longestError = 500;

/**
 * Why a function that ran has failed, for people who see nothing but this text: what it printed, and the errors among its results, with
 * their files, that it has not printed. Functions of the catalogue print only that they have failed.
 */
export function failureReason({ stderr = '', exitCode, results = [] }: Partial<PipelineStep>): string {
  const printed = stderr.trimEnd() || `exit code ${exitCode}`;
  const errors = results
    .filter(({ severity = 'error', message }) => severity === 'error' && !printed.includes(message))
    .map(({ message, file }) => `${cut(message)}${file?.path === undefined ? '' : ` (${file.path})`}`);
  const told = errors.slice(0, mostErrors);
  const left = errors.length - told.length;
  return [printed, ...told, ...(left > 0 ? [`and ${left} more`] : [])].join('\n\t');
}

function cut(message: string): string {
  const text = message.trim();
  return text.length > longestError ? `${text.slice(0, longestError)}...` : text;
}
