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

function normalize(definition: AnyResourceDefinition, requirement: FieldRequirement): FieldRequirement {
  const { field, value } = requirement;
  if (always.includes(field)) return requirement;
  const selectable = definition.selectableFields;
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
 * The selectors of a list, watch or deletecollection.
 * @throws StatusError 400 for text that cannot be parsed, unknown fields and values that can never match
 */
export function parseSelectors(definition: AnyResourceDefinition, query: URLSearchParams): Selectors {
  const labelText = query.get('labelSelector') ?? '';
  const fieldText = query.get('fieldSelector') ?? '';
  const fields = fieldText === '' ? undefined : parseFieldSelector(fieldText);
  return {
    ...(labelText === '' ? {} : { labels: parseLabelSelector(labelText) }),
    ...(fields === undefined
      ? {}
      : { fields: fieldSelector(fields.requirements.map((r) => normalize(definition, r))) }),
  };
}
