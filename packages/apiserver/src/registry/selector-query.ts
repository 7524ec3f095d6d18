import { fieldSelector, parseFieldSelector } from '../meta/field-selector.ts';
import { parseLabelSelector } from '../meta/label-selector.ts';
import type { FieldRequirement, FieldSelector, LabelSelector } from '../meta/selector.ts';
import { statusErrors } from '../meta/status.ts';
import type { AnyResourceDefinition } from './resource.ts';

/** Selectors of a request; absent where the client gave none. */
export interface Selectors {
  readonly labels?: LabelSelector;
  readonly fields?: FieldSelector;
}

const always = ['metadata.name', 'metadata.namespace'];

/** @throws StatusError 400 for a requirement that nothing in the request's namespace can meet */
function checkNamespace({ field, operator, value }: FieldRequirement, namespace: string): void {
  if (field !== 'metadata.namespace' || operator !== '=' || namespace === '' || value === namespace) return;
  throw statusErrors.badRequest(
    `field selector metadata.namespace=${value} contradicts the request, which is for namespace ${JSON.stringify(namespace)}`,
  );
}

function normalize(
  definition: AnyResourceDefinition,
  namespace: string,
  requirement: FieldRequirement,
): FieldRequirement {
  const { field, value } = requirement;
  const selectable = definition.selectableFields;
  if (selectable?.refusesOtherNamespaces === true) checkNamespace(requirement, namespace);
  if (always.includes(field)) return requirement;
  if (selectable?.known(field) !== true) {
    const names = [...always, ...(selectable?.names ?? [])].map((name) => JSON.stringify(name)).join(', ');
    throw statusErrors.badRequest(
      `${JSON.stringify(field)} is not a known field selector of ${definition.plural}: only ${names}`,
    );
  }
  return selectable.normalize === undefined
    ? requirement
    : { ...requirement, value: selectable.normalize(field, value) };
}

/**
 * The selectors of a list, watch or deletecollection. `namespace`: that of the request, empty for all.
 * @throws StatusError 400 for text that cannot be parsed, unknown fields and values that can never match
 */
export function parseSelectors(
  definition: AnyResourceDefinition,
  namespace: string,
  query: URLSearchParams,
): Selectors {
  const labelText = query.get('labelSelector') ?? '';
  const fieldText = query.get('fieldSelector') ?? '';
  const fields = fieldText === '' ? undefined : parseFieldSelector(fieldText);
  return {
    ...(labelText === '' ? {} : { labels: parseLabelSelector(labelText) }),
    ...(fields === undefined
      ? {}
      : { fields: fieldSelector(fields.requirements.map((r) => normalize(definition, namespace, r))) }),
  };
}
