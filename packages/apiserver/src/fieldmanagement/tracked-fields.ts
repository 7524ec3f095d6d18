import type { Comparison } from './compare.ts';
import { type FieldSet, setOf, within, without } from './field-set.ts';
import { fieldElement } from './path-element.ts';

/**
 * Fields that writes through an endpoint can change: `only` these and what is below them, or all `except` these. Paths are names of
 * fields with dots between them, `spec.lifecycle`.
 */
export type ChangeableFields = { readonly only: readonly string[] } | { readonly except: readonly string[] };

function pathSet(paths: readonly string[]): FieldSet {
  return setOf(paths.map((path) => path.split('.').map(fieldElement)));
}

/** Fields of metadata that nobody owns. */
export const ownerlessMetadata: readonly string[] = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'clusterName',
];

/** What says which object it is, and what the server alone writes: nobody owns it. */
const ownerless = pathSet(['apiVersion', 'kind', ...ownerlessMetadata.map((name) => `metadata.${name}`)]);
const metadataItself = fieldElement('metadata');

/** A set without what nobody owns. */
export function withoutOwnerless(set: FieldSet): FieldSet {
  const rest = without(set, ownerless);
  if (!rest.members.has(metadataItself)) return rest;
  return {
    members: new Set([...rest.members].filter((element) => element !== metadataItself)),
    children: rest.children,
  };
}

/** Keeps what an endpoint can change. */
export type FieldFilter = (set: FieldSet) => FieldSet;

/** The filter of an endpoint; without a rule it can change everything. */
export function fieldFilter(changeable: ChangeableFields | undefined): FieldFilter {
  if (changeable === undefined) return (set) => set;
  if ('only' in changeable) {
    const only = pathSet(changeable.only);
    return (set) => within(set, only);
  }
  const except = pathSet(changeable.except);
  return (set) => without(set, except);
}

/** The part of a comparison that an endpoint can have caused. */
export function filterComparison({ added, modified, removed }: Comparison, filter: FieldFilter): Comparison {
  return { added: filter(added), modified: filter(modified), removed: filter(removed) };
}
