import { FieldOwnership } from '../fieldmanagement/field-ownership.ts';
import type { ChangeableFields } from '../fieldmanagement/tracked-fields.ts';
import { apiVersionOf } from '../meta/object.ts';
import type { AnyResourceDefinition } from './resource.ts';

/** What an endpoint can change when its strategy does not say so. */
function usuallyChangeable(definition: AnyResourceDefinition, status: boolean): ChangeableFields | undefined {
  if (status) return { only: ['status'] };
  const hasStatus = (definition.subresources ?? []).some((sub) => sub.status === true);
  return hasStatus ? { except: ['status'] } : undefined;
}

/** The record of owners for one endpoint of a resource: its objects themselves or one of their subresources. */
export function fieldOwnershipOf(
  definition: AnyResourceDefinition,
  strategy: AnyResourceDefinition['strategy'],
  { status, subresource }: { readonly status: boolean; readonly subresource: string },
): FieldOwnership {
  return new FieldOwnership({
    schema: definition.schema,
    apiVersion: apiVersionOf(definition.group, definition.version),
    subresource,
    changeable: strategy.changeableFields ?? usuallyChangeable(definition, status),
  });
}
