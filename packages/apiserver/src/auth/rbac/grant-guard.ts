import { type StatusError, statusErrors } from '../../meta/status.ts';
import type { RequestContext, ResourceStorage } from '../../registry/resource.ts';
import type { RuleResolver } from '../authorizer.ts';
import { systemMasters } from '../user.ts';
import { changesOnlyGarbageFields } from './garbage-fields.ts';
import type { RbacIndex } from './rbac-index.ts';
import { TooManyPermissionsError, uncoveredRules } from './rule-cover.ts';
import { type Binding, type ClusterRole, everything, type PolicyRule, type Role, rbacGroup } from './types.ts';

/**
 * Nobody gives others, or themselves, more than they have, unless they are allowed to. Also a change of what gives more than its writer
 * has is refused, when it is more than a garbage collector needs.
 */
export interface GrantGuard {
  /** Storage of roles: their rules are covered by what the writer may do, or the writer may `escalate` the role. */
  roles<T extends Role | ClusterRole>(
    stored: Required<ResourceStorage<T>>,
    plural: string,
  ): Required<ResourceStorage<T>>;
  /** Storage of bindings: the rules of the role are covered likewise, or the writer may `bind` the role. */
  bindings(stored: Required<ResourceStorage<Binding>>, plural: string): Required<ResourceStorage<Binding>>;
}

function printRule({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule) {
  const parts: [string, readonly string[]][] = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['ResourceNames', resourceNames],
    ['NonResourceURLs', nonResourceURLs],
    ['Verbs', verbs],
  ];
  const shown = parts.filter(([, values]) => values.length > 0);
  return `{${shown.map(([name, values]) => `${name}:${JSON.stringify(values)}`).join(', ')}}`;
}

const shownRules = 20;

function refused(context: RequestContext, plural: string, name: string, missing: readonly PolicyRule[]): StatusError {
  const { user } = context;
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  const more = missing.length > shownRules ? [`and ${missing.length - shownRules} more`] : [];
  const list = [...missing.slice(0, shownRules).map(printRule), ...more].join('\n');
  return statusErrors.forbidden(
    { group: rbacGroup, resource: plural },
    name,
    `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${list}`,
  );
}

/** The guard over the roles of an index; `resolver` says what writers may do themselves. */
export function createGrantGuard(index: RbacIndex, resolver: RuleResolver): GrantGuard {
  const requireCovered = (
    context: RequestContext,
    plural: string,
    name: string,
    wanted: readonly PolicyRule[],
  ): void => {
    const owned = resolver.rulesFor(context.user, context.namespace);
    try {
      const missing = uncoveredRules(owned, wanted);
      if (missing.length > 0) throw refused(context, plural, name, missing);
    } catch (error) {
      if (!(error instanceof TooManyPermissionsError)) throw error;
      throw statusErrors.forbidden({ group: rbacGroup, resource: plural }, name, error.message);
    }
  };

  const mayAlso = async (context: RequestContext, verb: string, resource: string, name: string): Promise<boolean> =>
    context.user.groups.includes(systemMasters) ||
    (await context.authorize({ verb, group: rbacGroup, resource, namespace: context.namespace, name }));

  const checkRole = async (
    context: RequestContext,
    plural: string,
    role: Role | ClusterRole,
    old?: Role | ClusterRole,
  ) => {
    if (changesOnlyGarbageFields(role, old)) return;
    const name = role.metadata.name ?? '';
    if (await mayAlso(context, 'escalate', plural, name)) return;
    // The rules of an aggregated role can become anything.
    const aggregates = [role, old].some((one) => one !== undefined && 'aggregationRule' in one);
    requireCovered(context, plural, name, aggregates ? everything : (role.rules ?? []));
  };

  const checkBinding = async (context: RequestContext, plural: string, binding: Binding, old?: Binding) => {
    if (changesOnlyGarbageFields(binding, old)) return;
    const { roleRef } = binding;
    const resource = roleRef.kind === 'Role' ? 'roles' : 'clusterroles';
    if (await mayAlso(context, 'bind', resource, roleRef.name)) return;
    const rules = index.rulesOf(roleRef, context.namespace);
    if (rules === undefined) throw statusErrors.notFound({ group: rbacGroup, resource }, roleRef.name);
    requireCovered(context, plural, binding.metadata.name ?? '', rules);
  };

  const guarded = <T extends Role | ClusterRole | Binding>(
    stored: Required<ResourceStorage<T>>,
    check: (context: RequestContext, object: T, old?: T) => Promise<void>,
  ): Required<ResourceStorage<T>> => ({
    ...stored,
    async create(context, object, options) {
      await check(context, object);
      return stored.create(context, object, options);
    },
    update: (context, name, update, options) =>
      stored.update(
        context,
        name,
        async (current) => {
          const wanted = await update(current);
          await check(context, wanted, current);
          return wanted;
        },
        options,
      ),
  });

  return {
    roles: (stored, plural) => guarded(stored, (context, object, old) => checkRole(context, plural, object, old)),
    bindings: (stored, plural) => guarded(stored, (context, object, old) => checkBinding(context, plural, object, old)),
  };
}
