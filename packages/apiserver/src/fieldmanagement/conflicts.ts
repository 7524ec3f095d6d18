import { type StatusCause, StatusError } from '../meta/status.ts';
import { difference, type FieldSet, isEmptySet, pathsOf } from './field-set.ts';
import type { ManagedSet } from './managers.ts';
import { printPath } from './path-element.ts';

/** Fields that one manager owns and another one wants to have otherwise. */
export interface Conflict {
  readonly owner: ManagedSet;
  readonly fields: FieldSet;
}

/** The conflicts that are left when some fields may change hands. */
export function withoutWaived(conflicts: readonly Conflict[], waived: FieldSet): Conflict[] {
  return conflicts
    .map(({ owner, fields }) => ({ owner, fields: difference(fields, waived) }))
    .filter(({ fields }) => !isEmptySet(fields));
}

function describe({ name, operation, apiVersion, subresource, time }: ManagedSet): string {
  const who = `${JSON.stringify(name)}${subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`}`;
  if (operation === 'Apply') return who;
  return `${who} using ${apiVersion}${time === undefined ? '' : ` at ${time}`}`;
}

function summary(conflicts: readonly Conflict[], count: number): string {
  const parts = conflicts.map(({ owner, fields }) => {
    const paths = pathsOf(fields).map(printPath);
    const [only] = paths;
    return paths.length === 1
      ? `conflict with ${describe(owner)}: ${only}`
      : `conflicts with ${describe(owner)}:\n${paths.map((path) => `- ${path}`).join('\n')}`;
  });
  return `Apply failed with ${count} ${count === 1 ? 'conflict' : 'conflicts'}: ${parts.join('\n')}`;
}

/** The answer to an apply that other managers' fields stand against: a 409 that names every field and its owner. */
export function applyConflict(conflicts: readonly Conflict[]): StatusError {
  const sorted = [...conflicts].sort((a, b) => (describe(a.owner) < describe(b.owner) ? -1 : 1));
  const causes: StatusCause[] = sorted.flatMap(({ owner, fields }) =>
    pathsOf(fields).map((path) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${describe(owner)}`,
      field: printPath(path),
    })),
  );
  return new StatusError(409, 'Conflict', summary(sorted, causes.length), { causes });
}
