import { setTimeout } from 'node:timers/promises';
import { type RunLimits, tookTooLong } from './evaluator.ts';

/** The longest time that a timer can have. */
const longest = 2 ** 31 - 1;

/**
 * Waits for as long as a function wants its answer held back, on no thread.
 *
 * @throws FunctionRunError at the end of the time that a function may take; the signal's reason when aborted
 */
export async function holdBack(
  milliseconds: number,
  limits?: Pick<RunLimits, 'timeoutMs'>,
  signal?: AbortSignal,
): Promise<void> {
  const { timeoutMs = longest } = limits ?? {};
  try {
    await setTimeout(Math.min(milliseconds, timeoutMs), undefined, signal && { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  if (milliseconds > timeoutMs) throw tookTooLong({ timeoutMs });
}
