import { setTimeout as pause } from 'node:timers/promises';

/** How long a condition may take: long enough for a machine under load, since nothing waits longer than it must. */
const deadlineMs = 90_000;
const intervalMs = 40;

/**
 * Asks again and again until there is an answer, and gives it. A failing attempt counts as no answer yet.
 * @throws Error that says what did not come about, with the last failure
 */
export async function eventually<T>(what: string, attempt: () => Promise<T | undefined | false>): Promise<T> {
  const start = performance.now();
  let last: unknown = 'no answer';
  for (;;) {
    try {
      const value = await attempt();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    if (performance.now() - start > deadlineMs) throw new Error(`never came about: ${what}`, { cause: last });
    await pause(intervalMs);
  }
}

/** Repeats assertions until they hold; the last failure is thrown when they never do. */
export async function eventuallyHolds<T>(assertions: () => Promise<T>): Promise<T> {
  const start = performance.now();
  for (;;) {
    try {
      return await assertions();
    } catch (error) {
      if (performance.now() - start > deadlineMs) throw error;
    }
    await pause(intervalMs);
  }
}
