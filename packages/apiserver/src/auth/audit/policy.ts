import type { Attributes } from '../authorizer.ts';
import { pathMatches } from '../rbac/rule-matching.ts';
import type { UserInfo } from '../user.ts';

/** How much of a request is recorded, from nothing to everything. */
export const auditLevels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type AuditLevel = (typeof auditLevels)[number];

/** Moments at which a request is recorded. */
export const auditStages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
export type AuditStage = (typeof auditStages)[number];

/** Which requests are recorded, and how much of them. Fields that are absent or empty match every request. */
export interface AuditRule {
  level: AuditLevel;
  users?: string[];
  userGroups?: string[];
  verbs?: string[];
  resources?: { group?: string; resources?: string[]; resourceNames?: string[] }[];
  /** The empty text stands for resources without a namespace. */
  namespaces?: string[];
  nonResourceURLs?: string[];
  omitStages?: AuditStage[];
  omitManagedFields?: boolean;
}

/** What is recorded; the first rule that matches a request decides. */
export interface AuditPolicy {
  rules: AuditRule[];
  omitStages?: AuditStage[];
  omitManagedFields?: boolean;
}

/** What a policy says of one request. */
export interface AuditDecision {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

/** Everything with its metadata, but for what asks how the server is and what it serves. */
export const defaultAuditPolicy: AuditPolicy = {
  rules: [
    {
      level: 'None',
      nonResourceURLs: [
        '/healthz*',
        '/livez*',
        '/readyz*',
        '/version',
        '/api',
        '/api/*',
        '/apis',
        '/apis/*',
        '/openapi/*',
      ],
    },
    { level: 'Metadata' },
  ],
  omitStages: ['RequestReceived'],
};

/** Whose objects hold credentials: no more than metadata is ever recorded of them. */
const confidential = new Set(['/secrets', 'authentication.k8s.io/tokenreviews', '/serviceaccounts/token']);

const nothing: AuditDecision = { level: 'None', omitStages: new Set(), omitManagedFields: false };

function given<T>(list: readonly T[] | undefined): list is readonly T[] {
  return list !== undefined && list.length > 0;
}

function matchesResource(rule: AuditRule, attributes: Attributes & { type: 'resource' }): boolean {
  const { group, resource, subresource, namespace, name } = attributes;
  if (given(rule.namespaces) && !rule.namespaces.includes(namespace)) return false;
  if (!given(rule.resources)) return true;
  const whole = subresource === '' ? resource : `${resource}/${subresource}`;
  return rule.resources.some((one) => {
    if ((one.group ?? '') !== group) return false;
    if (given(one.resourceNames) && !one.resourceNames.includes(name)) return false;
    if (!given(one.resources)) return true;
    return one.resources.some(
      (pattern) =>
        pattern === '*' ||
        pattern === whole ||
        // As with kube-apiserver, this is the resource itself too.
        pattern === `${resource}/*` ||
        (subresource !== '' && pattern === `*/${subresource}`),
    );
  });
}

function matches(rule: AuditRule, user: UserInfo, attributes: Attributes): boolean {
  if (given(rule.users) && !rule.users.includes(user.name)) return false;
  if (given(rule.userGroups) && !rule.userGroups.some((group) => user.groups.includes(group))) return false;
  if (given(rule.verbs) && !rule.verbs.some((verb) => verb === '*' || verb === attributes.verb)) return false;
  const forResources = given(rule.resources) || given(rule.namespaces);
  const forPaths = given(rule.nonResourceURLs);
  if (!forResources && !forPaths) return true;
  if (attributes.type === 'resource') return forResources && matchesResource(rule, attributes);
  return rule.nonResourceURLs?.some((pattern) => pathMatches(pattern, attributes.path)) === true;
}

function isConfidential(attributes: Attributes): boolean {
  if (attributes.type === 'path') return false;
  const { group, resource, subresource } = attributes;
  return confidential.has(`${group}/${resource}`) || confidential.has(`${group}/${resource}/${subresource}`);
}

/** What a policy says of a request. */
export function decideAudit(policy: AuditPolicy, user: UserInfo, attributes: Attributes): AuditDecision {
  const rule = policy.rules.find((one) => matches(one, user, attributes));
  if (rule === undefined || rule.level === 'None') return nothing;
  return {
    level: isConfidential(attributes) ? 'Metadata' : rule.level,
    omitStages: new Set([...(policy.omitStages ?? []), ...(rule.omitStages ?? [])]),
    omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
  };
}
