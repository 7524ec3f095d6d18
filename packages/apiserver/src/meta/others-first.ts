import { setImmediate } from 'node:timers/promises';

/**
 * Lets requests that have come in meanwhile be looked at before the caller goes on, so that a long piece of work on the thread that
 * answers everybody becomes several short ones.
 */
export async function othersFirst(): Promise<void> {
  // The first comes before what has arrived since this turn of the event loop began; between the two that is looked at.
  await setImmediate();
  await setImmediate();
}
