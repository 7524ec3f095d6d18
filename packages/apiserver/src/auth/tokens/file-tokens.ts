import type { UserInfo } from '../user.ts';
import { tokenDigest } from './token-digest.ts';
import type { TokenSource } from './token-source.ts';
import type { WatchedFile } from './watched-file.ts';

/** How often unknown tokens may make the server look at the file, in milliseconds. */
const unknownEveryMs = 100;

/**
 * Users by the digest of their token, from a file that may change. A token that is not known makes it look again at once, so
 * that a new user gets in without delay; one that is taken out is refused when the file's last look is no longer fresh.
 * `now`: milliseconds, of a clock that never goes back.
 */
export function createFileTokens(file: WatchedFile<ReadonlyMap<string, UserInfo>>, now: () => number): TokenSource {
  let lookedForUnknown = Number.NEGATIVE_INFINITY;
  return {
    async userOf(token) {
      const digest = tokenDigest(token);
      const known = (await file.current()).get(digest);
      if (known !== undefined || now() - lookedForUnknown < unknownEveryMs) return known;
      lookedForUnknown = now();
      return (await file.latest()).get(digest);
    },
  };
}
