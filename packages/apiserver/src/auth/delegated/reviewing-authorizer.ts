import { isStatusError, StatusError } from '../../meta/status.ts';
import type { Attributes, Authorizer, Decision } from '../authorizer.ts';
import type { UserInfo } from '../user.ts';
import { AnswerCache } from './answer-cache.ts';
import { type QuestionLimits, QuestionQueue } from './question-queue.ts';

/** Asks somebody else what a user may do (SubjectAccessReview of `authorization.k8s.io/v1`). */
export interface AccessReviewer {
  /** Rejects when that cannot be found out. */
  review(user: UserInfo, attributes: Attributes): Promise<Decision>;
}

/** As in the Go library: both kinds of decision are remembered for ten seconds. */
const ttlMs = 10_000;
const limit = 8192;
/** Longest question that is remembered, in characters: much of it is chosen by whoever asks. */
const longestKept = 10_000;

function withReason(signal: AbortSignal): { readonly aborted: Promise<never>; stop(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  return { aborted: promise, stop: () => signal.removeEventListener('abort', abort) };
}

/**
 * Lets somebody else decide. What was decided counts for ten seconds; when nothing can be decided, access is refused with a 500
 * that says so, and with a 429 when too much is being decided, which `limits` bound. `now`: milliseconds, of a clock that never goes back.
 */
export function createReviewingAuthorizer(
  reviewer: AccessReviewer,
  now: () => number,
  limits?: QuestionLimits,
): Authorizer {
  const cache = new AnswerCache<Decision>({ limit, ttlMs: () => ttlMs, now });
  const queue = new QuestionQueue(limits);
  const decide = (user: UserInfo, attributes: Attributes): Promise<Decision> => {
    const question = JSON.stringify([user.name, user.uid, user.groups, user.extra, attributes]);
    const ask = () => queue.ask(() => reviewer.review(user, attributes));
    return question.length > longestKept ? ask() : cache.answer(question, ask);
  };
  return {
    async authorize(user, attributes, signal) {
      signal.throwIfAborted();
      const { aborted, stop } = withReason(signal);
      try {
        return await Promise.race([decide(user, attributes), aborted]);
      } catch (error) {
        if (signal.aborted || isStatusError(error, 'TooManyRequests')) throw error;
        const message = 'Internal error occurred: it could not be found out whether this is allowed';
        throw new StatusError(500, 'InternalError', message, { causes: [{ message }] }, { cause: error });
      } finally {
        stop();
      }
    },
  };
}
