import { openWatchedFile, type WatchedFile } from '@porch/apiserver';
import type { Logger } from 'pino';
import { StartupError } from '../startup-error.ts';

/** For how long a look at the file counts, in milliseconds. */
const freshMs = 1000;

/** Shorter ones can be guessed. */
const shortest = 16;

function parseSecrets(text: string): readonly string[] {
  const secrets = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (secrets.length === 0) throw new Error('it holds no secret; write one on a line of its own');
  if (secrets.some((secret) => secret.length < shortest)) {
    throw new Error(`a secret in it is shorter than ${shortest} characters`);
  }
  return secrets;
}

/**
 * The secrets that webhooks may be signed with: lines of a file, so that a new one can be added before the old one is taken out.
 * Lines that begin with `#` do not count.
 * @throws StartupError when the file cannot be used
 */
export async function openWebhookSecrets(path: string, logger: Logger): Promise<WatchedFile<readonly string[]>> {
  try {
    return await openWatchedFile({ path, parse: parseSecrets, logger, freshMs, now: () => performance.now() });
  } catch (error) {
    throw new StartupError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
