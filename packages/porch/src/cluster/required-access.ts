import type { ClusterClient } from './cluster-client.ts';
import { collectionPath } from './resource-path.ts';

/** A rule of a Role or ClusterRole that the server cannot do without. */
export interface RequiredRule {
  readonly apiGroup: string;
  /** With its subresource, for instance `repositories/status`. */
  readonly resource: string;
  readonly verbs: readonly string[];
  /** Only this object; all when missing. */
  readonly name?: string;
  /** Only in this namespace; in all when missing. */
  readonly namespace?: string;
  /** The server can work with Roles in some namespaces in place of it. */
  readonly isLimitable?: true;
}

/** A rule that the server does not have, or not all of. */
export interface MissingPermission {
  readonly rule: RequiredRule;
  /** What is missing, as it stands in a manifest, on one line. */
  readonly line: string;
}

interface SelfSubjectAccessReview {
  readonly status?: { readonly allowed?: boolean };
}

async function refusedVerbs(client: ClusterClient, rule: RequiredRule): Promise<string[]> {
  const [resource, subresource] = rule.resource.split('/');
  const answers = rule.verbs.map(async (verb) => {
    const review = await client.create<SelfSubjectAccessReview>(
      collectionPath({ group: 'authorization.k8s.io', version: 'v1', plural: 'selfsubjectaccessreviews' }),
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: {
          resourceAttributes: {
            verb,
            group: rule.apiGroup,
            resource,
            ...(subresource === undefined ? {} : { subresource }),
            ...(rule.name === undefined ? {} : { name: rule.name }),
            ...(rule.namespace === undefined ? {} : { namespace: rule.namespace }),
          },
        },
      },
    );
    return review.status?.allowed === true ? [] : [verb];
  });
  return (await Promise.all(answers)).flat();
}

/** One rule as it stands in a manifest, on one line. */
function printRule(rule: RequiredRule, verbs: readonly string[]): string {
  const parts = [
    `apiGroups: [${JSON.stringify(rule.apiGroup)}]`,
    `resources: [${JSON.stringify(rule.resource)}]`,
    ...(rule.name === undefined ? [] : [`resourceNames: [${JSON.stringify(rule.name)}]`]),
    `verbs: ${JSON.stringify(verbs).replaceAll(',', ', ')}`,
  ];
  const where = rule.namespace === undefined ? 'in a ClusterRole' : `in a Role in namespace ${rule.namespace}`;
  return `missing permission, ${where}: {${parts.join(', ')}}`;
}

/**
 * Asks the cluster whether the server may do what it has to. Returns the rules that are missing; none when all is well.
 * @throws ClusterError when the cluster does not answer, or does not know who we are
 */
export async function missingPermissions(
  client: ClusterClient,
  rules: readonly RequiredRule[],
): Promise<MissingPermission[]> {
  const missing = await Promise.all(
    rules.map(async (rule) => {
      const refused = await refusedVerbs(client, rule);
      return refused.length === 0 ? [] : [{ rule, line: printRule(rule, refused) }];
    }),
  );
  return missing.flat();
}
