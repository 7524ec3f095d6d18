import type { FieldSelector, LabelSelector } from '../meta/selector.ts';
import type { ServedObject } from './served-object.ts';

/** What objects are chosen by. */
export interface ObjectQuery {
  readonly namespace?: string;
  readonly labels?: LabelSelector;
  readonly fields?: FieldSelector;
}

/** A query taken apart: what keys alone answer, and what remains to be asked of each object. */
export interface ObjectFilter {
  /** The one namespace, or undefined for all. */
  readonly namespace: string | undefined;
  /** The one name, or undefined for all. */
  readonly name: string | undefined;
  /** The query asks for two different namespaces or names at once. */
  readonly nothing: boolean;
  /** The rest of the selectors; undefined when nothing remains. */
  readonly selects: ((object: ServedObject) => boolean) | undefined;
}

/** Prepares a query for many objects. */
export function objectFilter(query: ObjectQuery): ObjectFilter {
  const equals = (field: string) =>
    (query.fields?.requirements ?? [])
      .filter((requirement) => requirement.operator === '=' && requirement.field === field)
      .map((requirement) => requirement.value);
  const namespaces = [...(query.namespace === undefined ? [] : [query.namespace]), ...equals('metadata.namespace')];
  const names = equals('metadata.name');
  const labels = query.labels?.requirements.length ? query.labels : undefined;
  const onlyKeys = query.fields?.requirements.every(
    ({ field, operator }) => operator === '=' && (field === 'metadata.name' || field === 'metadata.namespace'),
  );
  const fields = onlyKeys === false ? query.fields : undefined;
  return {
    namespace: namespaces[0],
    name: names[0],
    nothing: new Set(namespaces).size > 1 || new Set(names).size > 1,
    selects:
      labels === undefined && fields === undefined
        ? undefined
        : (object) =>
            (labels === undefined || labels.matches(object.labels)) &&
            (fields === undefined || fields.matches(object.fields)),
  };
}

/** The whole query as one predicate; undefined when everything matches. */
export function matcher(query: ObjectQuery): ((object: ServedObject) => boolean) | undefined {
  const { namespace, name, nothing, selects } = objectFilter(query);
  if (nothing) return () => false;
  if (namespace === undefined && name === undefined) return selects;
  return (object) =>
    (namespace === undefined || object.key.namespace === namespace) &&
    (name === undefined || object.key.name === name) &&
    (selects === undefined || selects(object));
}
