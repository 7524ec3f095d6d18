import { StatusError, statusErrors } from '../meta/status.ts';
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
    }
  | { readonly type: 'path'; readonly verb: string; readonly path: string };

export interface Decision {
  readonly allowed: boolean;
  /** Why; shown to the user after a refusal, so it must hold nothing secret. */
  readonly reason?: string;
}

/** Decides what users may do. */
export interface Authorizer {
  authorize(user: UserInfo, attributes: Attributes, signal: AbortSignal): Promise<Decision>;
}

/** Lets members of `system:masters` do everything and nobody else anything. */
export function createMastersAuthorizer(): Authorizer {
  return {
    async authorize(user) {
      return { allowed: user.groups.includes(systemMasters) };
    },
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
