import { isObject } from '../meta/json-object.ts';

/** How a strategic merge patch treats a list. */
export type ListRule =
  | { readonly type: 'replace' }
  /** A set of texts or numbers. */
  | { readonly type: 'mergeValues' }
  /** Objects that are told apart by one field. */
  | { readonly type: 'mergeByKey'; readonly key: string };

/** What a schema says about merging the value at one place, and the places below it. */
export interface MergeRules {
  readonly list: ListRule;
  /** Rules of a field of an object. */
  field(name: string): MergeRules;
  /** Rules of the items of a list. */
  readonly items: MergeRules;
}

const replace: ListRule = { type: 'replace' };
const none: MergeRules = { list: replace, field: () => none, items: undefined as unknown as MergeRules };
Object.assign(none, { items: none });

function listRule(schema: Record<string, unknown>): ListRule {
  const strategy = schema['x-kubernetes-patch-strategy'];
  if (typeof strategy !== 'string' || !strategy.split(',').includes('merge')) return replace;
  const key = schema['x-kubernetes-patch-merge-key'];
  return typeof key === 'string' ? { type: 'mergeByKey', key } : { type: 'mergeValues' };
}

function rulesOf(schema: unknown): MergeRules {
  if (!isObject(schema)) return none;
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  return {
    list: listRule(schema),
    field: (name) =>
      Object.hasOwn(properties, name) ? rulesOf(properties[name]) : rulesOf(schema['additionalProperties']),
    get items() {
      return rulesOf(schema['items']);
    },
  };
}

const metadata = rulesOf({
  properties: {
    finalizers: { 'x-kubernetes-patch-strategy': 'merge' },
    ownerReferences: { 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': 'uid' },
  },
});

/**
 * The rules of a resource's objects, from the extensions `x-kubernetes-patch-strategy` and `x-kubernetes-patch-merge-key` of
 * its schema. In the metadata of all objects, finalizers merge as values and ownerReferences by uid.
 */
export function mergeRulesOf(schema: unknown): MergeRules {
  const own = rulesOf(schema);
  return { ...own, field: (name) => (name === 'metadata' ? metadata : own.field(name)), items: own.items };
}
