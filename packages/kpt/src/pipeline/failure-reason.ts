import { functionFailure } from '../functions/reporting.ts';
import type { FunctionResultItem } from './results.ts';
import type { PipelineStep } from './steps.ts';

/** How many of a function's errors are told in one message; all of them are among the results. */
const mostErrors = 3;

/** Longest error that is told in full, in characters. */
const longestError = 500;

/**
 * Why a function that ran has failed, for people who see nothing but this text: what it printed, and the errors among its results, with
 * their files, that it has not printed. Functions of the catalogue print only that they have failed, and some of them say why in a result
 * that is no error.
 */
export function failureReason({ stderr = '', exitCode, results = [] }: Partial<PipelineStep>): string {
  const printed = stderr.trimEnd() || `exit code ${exitCode}`;
  const errors = results.filter(isError);
  const saysNothing = stderr.trim() === '' || printed === functionFailure;
  const reasons = (errors.length === 0 && saysNothing ? results : errors)
    .filter(({ message }) => !printed.includes(message))
    .map(({ message, file }) => `${cut(message)}${file?.path === undefined ? '' : ` (${file.path})`}`);
  const told = reasons.slice(0, mostErrors);
  const left = reasons.length - told.length;
  return [printed, ...told, ...(left > 0 ? [`and ${left} more`] : [])].join('\n\t');
}

function isError({ severity = 'error' }: FunctionResultItem): boolean {
  return severity === 'error';
}

function cut(message: string): string {
  const text = message.trim();
  return text.length > longestError ? `${text.slice(0, longestError)}...` : text;
}
