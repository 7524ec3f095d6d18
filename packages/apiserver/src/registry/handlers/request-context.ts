import type { Authorizer } from '../../auth/authorizer.ts';
import { type Exchange, isRead } from '../../http/exchange.ts';
import type { RequestContext } from '../resource.ts';

/** What strategies and storages see of a request. */
export function createRequestContext(exchange: Exchange, namespace: string, authorizer: Authorizer): RequestContext {
  const { user, abort, auditId, userAgent, warnings, assembly } = exchange;
  return {
    user,
    namespace,
    signal: abort.signal,
    auditId,
    userAgent,
    ...(assembly !== undefined && isRead(exchange.method) && { assembly }),
    warn: (text) => warnings.add(text),
    async authorize(attributes) {
      const decision = await authorizer.authorize(
        user,
        { type: 'resource', subresource: '', ...attributes },
        abort.signal,
      );
      return decision.allowed;
    },
  };
}
