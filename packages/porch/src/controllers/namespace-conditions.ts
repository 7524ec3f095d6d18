import { toTime } from '@porch/apiserver';
import type { NamespaceCondition } from '../resources/namespace.ts';

/** What is left in a namespace that is being deleted. */
export interface RemainingContent {
  /** How many objects there are of each resource that has some; resources with their group, as `packagerevisions.porch.kpt.dev`. */
  readonly resources: ReadonlyMap<string, number>;
  /** How many objects each finalizer holds. */
  readonly finalizers: ReadonlyMap<string, number>;
  /** What objects say themselves of why they are still there. */
  readonly reasons: readonly string[];
}

type Said = Omit<NamespaceCondition, 'lastTransitionTime'>;

/**
 * The conditions of a namespace that is being deleted: what is left in it, and what that waits for, as Kubernetes says it. The transition
 * time of a condition changes with its status only.
 */
export function namespaceConditions(
  before: readonly NamespaceCondition[],
  remaining: RemainingContent,
  now: Date,
): NamespaceCondition[] {
  return [contentRemaining(remaining), finalizersRemaining(remaining)].map((condition) => {
    const old = before.find(({ type }) => type === condition.type);
    return {
      ...condition,
      lastTransitionTime: old?.status === condition.status ? old.lastTransitionTime : toTime(now),
    };
  });
}

function contentRemaining({ resources, reasons }: RemainingContent): Said {
  const type = 'NamespaceContentRemaining';
  if (resources.size === 0) {
    return { type, status: 'False', reason: 'ContentRemoved', message: 'All content successfully removed' };
  }
  const counts = [...resources].map(([resource, count]) => `${resource} has ${count} resource instances`);
  const message = [`Some resources are remaining: ${counts.join(', ')}`, ...reasons].join('. ');
  return { type, status: 'True', reason: 'SomeResourcesRemain', message };
}

function finalizersRemaining({ finalizers }: RemainingContent): Said {
  const type = 'NamespaceFinalizersRemaining';
  if (finalizers.size === 0) {
    const message = 'No content waits for finalizers';
    return { type, status: 'False', reason: 'ContentHasNoFinalizers', message };
  }
  const counts = [...finalizers].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
  const message = `Some content in the namespace has finalizers remaining: ${counts.join(', ')}`;
  return { type, status: 'True', reason: 'SomeFinalizersRemain', message };
}
