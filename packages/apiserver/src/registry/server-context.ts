import { systemMasters } from '../auth/user.ts';
import type { RequestContext } from './resource.ts';

/**
 * The context of what the server does on its own behalf, in one namespace (empty: cluster-scoped objects). It may do everything, for a
 * minute at most.
 * @param user the name that objects and logs show
 */
export function serverContext(user: string, namespace: string): RequestContext {
  return {
    user: { name: user, groups: [systemMasters] },
    namespace,
    signal: AbortSignal.timeout(60_000),
    auditId: crypto.randomUUID(),
    userAgent: user,
    warn: () => undefined,
    authorize: async () => true,
  };
}
