import { type FieldError, fieldError } from '@porch/apiserver';
import { isPublished, type Lifecycle } from '../../resources/package-revision.ts';

const field = 'spec.lifecycle';

/** All lifecycles, in the order a package revision goes through them. */
export const lifecycles: readonly Lifecycle[] = ['Draft', 'Proposed', 'Published', 'DeletionProposed'];

/** Whether a text is a lifecycle. */
export function isLifecycle(value: string): value is Lifecycle {
  return lifecycles.some((known) => known === value);
}

/** Refuses lifecycles that a new package revision cannot have. */
export function newLifecycleErrors(lifecycle: string): FieldError[] {
  if (lifecycle === 'Draft' || lifecycle === 'Proposed') return [];
  const detail = isLifecycle(lifecycle)
    ? `cannot create ${lifecycle} package; value can be only created as Draft,Proposed`
    : 'value can be only created as Draft,Proposed';
  return [fieldError.invalid(field, lifecycle, detail)];
}

/** Refuses moves that the main endpoint does not make. Publishing and its reverse belong to approval. */
export function mainLifecycleErrors(lifecycle: string, old: string): FieldError[] {
  if (!isLifecycle(lifecycle)) {
    return [fieldError.invalid(field, lifecycle, `value can be only updated to ${lifecycles.join(',')}`)];
  }
  if (isPublished(lifecycle) === isPublished(old)) return [];
  const allowed = lifecycles.filter((other) => isPublished(other) === isPublished(old)).join(',');
  const hint = lifecycle === 'Published' ? '; a proposal is published through its subresource approval' : '';
  return [fieldError.invalid(field, old, `value can be only updated to ${allowed}${hint}`)];
}

/** Refuses moves that the approval endpoint does not make; each of its writes must be a move. */
export function approvalLifecycleErrors(lifecycle: string, old: string): FieldError[] {
  const refused = (value: string, detail: string) => [fieldError.invalid(field, value, detail)];
  switch (old) {
    case 'Published':
      return lifecycle === 'DeletionProposed'
        ? []
        : refused(old, `package with ${old} lifecycle value can only be updated to 'ProposeDeletion'`);
    case 'DeletionProposed':
      return lifecycle === 'Published'
        ? []
        : refused(old, `package with ${old} lifecycle value can only be updated to 'Published'`);
    case 'Proposed':
      if (lifecycle === 'Draft' || lifecycle === 'Published') return [];
      return lifecycle === 'DeletionProposed'
        ? refused(
            lifecycle,
            `cannot update lifecycle ${lifecycle}; only Published packages require approval for deletion`,
          )
        : refused(lifecycle, 'value for approval can be only one of Draft,Published');
    default:
      return refused(old, `cannot approve package with ${old} lifecycle value; only Proposed packages can be approved`);
  }
}
