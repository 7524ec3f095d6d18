import type { PackageRevision } from '../../resources/package-revision.ts';

/**
 * The readiness gates of a package revision that no condition meets, each with how its condition is: `Ready (False: still waiting)`.
 * A gate is met by a condition of its type with the status True.
 */
export function unmetGates({ spec, status }: PackageRevision): string[] {
  return (spec.readinessGates ?? []).flatMap(({ conditionType = '' }) => {
    const condition = status?.conditions?.find(({ type }) => type === conditionType);
    if (condition?.status === 'True') return [];
    if (condition === undefined) return [`${conditionType} (no such condition)`];
    const message = condition.message ?? condition.reason ?? '';
    return [`${conditionType} (${condition.status}${message === '' ? '' : `: ${message}`})`];
  });
}
