import type { Attributes, Authorizer, RuleResolver } from '../authorizer.ts';
import type { UserInfo } from '../user.ts';
import type { BoundRole, FoundBinding, RbacIndex } from './rbac-index.ts';
import { ruleAllows } from './rule-matching.ts';
import { type PolicyRule, rbacGroup } from './types.ts';

function notFound({ roleRef }: BoundRole): string {
  const resource = roleRef.kind === 'ClusterRole' ? 'clusterrole' : 'role';
  return `${resource}.${rbacGroup} ${JSON.stringify(roleRef.name)} not found`;
}

function explain({ binding, subject }: FoundBinding): string {
  const { title, roleRef } = binding;
  return `RBAC: allowed by ${title} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${subject}`;
}

function decide(index: RbacIndex, user: UserInfo, attributes: Attributes) {
  const missing: string[] = [];
  const namespace = attributes.type === 'path' ? '' : attributes.namespace;
  for (const found of index.bindingsOf(user, namespace)) {
    const { binding } = found;
    const rules = index.rulesOf(binding.roleRef, binding.namespace);
    if (rules === undefined) missing.push(notFound(binding));
    else if (rules.some((rule) => ruleAllows(rule, attributes))) {
      return { allowed: true, reason: explain(found) };
    }
  }
  return missing.length === 0 ? { allowed: false } : { allowed: false, reason: `RBAC: ${missing.join(', ')}` };
}

/** Decides by the roles that are bound to a user and to their groups. */
export function createRbacAuthorizer(index: RbacIndex): Authorizer & RuleResolver {
  return {
    authorize: async (user, attributes) => decide(index, user, attributes),
    rulesFor(user, namespace) {
      const rules: PolicyRule[] = [];
      for (const { binding } of index.bindingsOf(user, namespace)) {
        const { roleRef, namespace: within } = binding;
        const own = index.rulesOf(roleRef, within) ?? [];
        for (const rule of own) if (within === '' || (rule.nonResourceURLs ?? []).length === 0) rules.push(rule);
      }
      return rules;
    },
  };
}
