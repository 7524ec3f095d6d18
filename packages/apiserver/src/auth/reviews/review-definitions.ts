import type { AnyResourceDefinition } from '../../registry/resource.ts';
import type { Authorizer, RuleResolver } from '../authorizer.ts';
import type { TokenSource } from '../tokens/token-source.ts';
import { accessReviews } from './access-reviews.ts';
import { selfSubjectReview, tokenReview } from './identity-reviews.ts';
import { rulesReview } from './rules-review.ts';

/** The questions about identities and permissions that clients ask: `kubectl auth can-i`, `auth whoami` and others. */
export function reviewDefinitions(options: {
  readonly authorizer: Authorizer;
  readonly resolver: RuleResolver;
  readonly tokens: readonly TokenSource[];
}): readonly AnyResourceDefinition[] {
  const { authorizer, resolver, tokens } = options;
  return [...accessReviews(authorizer), rulesReview(resolver), selfSubjectReview(), tokenReview(tokens)];
}
