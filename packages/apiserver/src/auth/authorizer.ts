import { StatusError, statusErrors } from '../meta/status.ts';
import { everything, type PolicyRule } from './rbac/types.ts';
import { systemMasters, type UserInfo } from './user.ts';

/** What someone wants to do: with a resource, or with a path that no resource stands for. */
export type Attributes =
  | {
      readonly type: 'resource';
      readonly verb: string;
      readonly group: string;
      readonly version?: string;
      readonly resource: string;
      readonly subresource: string;
      readonly namespace: string;
      readonly name: string;
      /** What lists and watches are limited to, as it was asked for; empty or missing for everything. */
      readonly labelSelector?: string;
      readonly fieldSelector?: string;
    }
  | { readonly type: 'path'; readonly verb: string; readonly path: string };

/** Whether something is allowed, and why. */
export interface Decision {
  readonly allowed: boolean;
  /** Why; shown to the user after a refusal, so it must hold nothing secret. */
  readonly reason?: string;
}

/** Decides what users may do. */
export interface Authorizer {
  /** @throws StatusError in place of a decision, such as that none could be made; the signal's reason when aborted meanwhile */
  authorize(user: UserInfo, attributes: Attributes, signal: AbortSignal): Promise<Decision>;
}

/** Tells what a user may do, rather than whether they may do one thing. */
export interface RuleResolver {
  /** Rules that hold for a user in a namespace (empty: those that hold everywhere only). */
  rulesFor(user: UserInfo, namespace: string): readonly PolicyRule[];
}

/** Asks each authorizer in turn; the first that allows decides. The reasons of refusals are joined. */
export function createAuthorizerUnion(authorizers: readonly Authorizer[]): Authorizer {
  return {
    async authorize(user, attributes, signal) {
      const reasons: string[] = [];
      for (const authorizer of authorizers) {
        const decision = await authorizer.authorize(user, attributes, signal);
        if (decision.allowed) return decision;
        if (decision.reason !== undefined && decision.reason !== '') reasons.push(decision.reason);
      }
      return reasons.length === 0 ? { allowed: false } : { allowed: false, reason: reasons.join(', ') };
    },
  };
}

/** Lets members of `system:masters` do everything and nobody else anything. */
export function createMastersAuthorizer(): Authorizer & RuleResolver {
  return {
    async authorize(user) {
      return { allowed: user.groups.includes(systemMasters) };
    },
    rulesFor: (user) => (user.groups.includes(systemMasters) ? everything : []),
  };
}

/** The 403 for a refusal, in the words of Kubernetes. */
export function forbiddenError(user: UserInfo, attributes: Attributes, decision: Decision): StatusError {
  const who = `User ${JSON.stringify(user.name)}`;
  const why = decision.reason === undefined || decision.reason === '' ? '' : `: ${decision.reason}`;
  if (attributes.type === 'path') {
    const what = `${who} cannot ${attributes.verb} path ${JSON.stringify(attributes.path)}${why}`;
    return new StatusError(403, 'Forbidden', `forbidden: ${what}`, {});
  }
  const { group, resource, subresource, name, namespace, verb } = attributes;
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return statusErrors.forbidden(
    { group, resource },
    name,
    `${who} cannot ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${where}${why}`,
  );
}
