import type { TokenSource } from '../tokens/token-source.ts';
import type { UserInfo } from '../user.ts';
import { AnswerCache } from './answer-cache.ts';
import { type QuestionLimits, QuestionQueue } from './question-queue.ts';

/** Asks somebody else whose a token is (TokenReview of `authentication.k8s.io/v1`). */
export interface TokenReviewer {
  /** The user of a token; undefined when it is no good. Rejects when that cannot be found out. */
  review(token: string): Promise<UserInfo | undefined>;
}

/** As in the Go library: good and bad tokens are remembered alike, for ten seconds. */
const ttlMs = 10_000;
const limit = 4096;

/**
 * Tokens that are known elsewhere. What was found out counts for ten seconds; `limits` bound what is being found out. `now`: milliseconds,
 * of a clock that never goes back.
 */
export function createReviewedTokens(reviewer: TokenReviewer, now: () => number, limits?: QuestionLimits): TokenSource {
  const cache = new AnswerCache<UserInfo | undefined>({ limit, ttlMs: () => ttlMs, now });
  const queue = new QuestionQueue(limits);
  return { userOf: (token) => cache.answer(token, () => queue.ask(() => reviewer.review(token))) };
}
