import type { RequestContext } from '@porch/apiserver';

/** The context of a request, with the warnings it was given and the access reviews it was asked for. */
export interface RecordedContext extends RequestContext {
  readonly warnings: string[];
  readonly reviews: string[];
}

/** A request in a namespace by a user who may do everything, or everything that `allow` says. */
export function requestContext(
  namespace = 'default',
  allow: (review: string) => boolean = () => true,
): RecordedContext {
  const warnings: string[] = [];
  const reviews: string[] = [];
  return {
    user: { name: 'alice', groups: [] },
    namespace,
    signal: new AbortController().signal,
    auditId: 'a',
    userAgent: 'test',
    warnings,
    reviews,
    warn: (text) => warnings.push(text),
    authorize: async ({ verb, resource, namespace: within, name }) => {
      const review = `${verb} ${resource} ${within}/${name}`;
      reviews.push(review);
      return allow(review);
    },
  };
}
