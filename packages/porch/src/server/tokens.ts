import { createFileTokens, openWatchedFile, parseTokenFile, type TokenSource, type UserInfo } from '@porch/apiserver';
import type { Logger } from 'pino';
import { StartupError } from './startup-error.ts';
import { parseUsers, usersByToken } from './users/user-file.ts';

/** For how long a look at a file with tokens counts: a token that is taken away works no longer than this. */
const freshMs = 1000;

/**
 * Where bearer tokens are looked up: the server's own users, and the file that the operator keeps, if any. Changes of both are
 * noticed while the server runs.
 * @throws StartupError when a file cannot be used
 */
export async function openTokens(options: {
  readonly usersFile: string;
  readonly tokenAuthFile: string;
  readonly logger: Logger;
}): Promise<readonly TokenSource[]> {
  const { usersFile, tokenAuthFile, logger } = options;
  const now = () => performance.now();
  try {
    const users = await openWatchedFile<Map<string, UserInfo>>({
      path: usersFile,
      parse: (text) => usersByToken(parseUsers(text)),
      missing: new Map(),
      logger,
      freshMs,
      now,
    });
    const own = createFileTokens(users, now);
    if (tokenAuthFile === '') return [own];
    const given = await openWatchedFile({ path: tokenAuthFile, parse: parseTokenFile, logger, freshMs, now });
    return [own, createFileTokens(given, now)];
  } catch (error) {
    throw new StartupError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
