import type { KubernetesObject } from '../meta/object.ts';
import type { ObjectKey } from './store.ts';

/** The part of a resource's definition that says what is taken out of its objects once, for selectors and tables. */
export interface ExtractionRules {
  /** Values by field path, beside metadata.name and metadata.namespace, which every object has. */
  readonly selectableFields?: { of(object: KubernetesObject): Record<string, string> };
  readonly table?: { cells(object: KubernetesObject): readonly unknown[] };
}

/** What was taken out of one object. */
export interface Extraction {
  readonly labels: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
  readonly cells: readonly unknown[];
  readonly creationTimestamp: string;
}

const nothing: Readonly<Record<string, string>> = Object.freeze({});
const noCells: readonly unknown[] = Object.freeze([]);

/** What every object has by its key alone; all there is for resources without rules. */
export function extractFromKey(key: ObjectKey): Extraction {
  return { labels: nothing, fields: metadataFields(key), cells: noCells, creationTimestamp: '' };
}

/**
 * Applies the rules to a decoded object.
 * @throws Error that names the object when a rule fails on it
 */
export function extract(key: ObjectKey, object: KubernetesObject, rules: ExtractionRules): Extraction {
  try {
    return {
      labels: object.metadata.labels ?? nothing,
      fields: { ...rules.selectableFields?.of(object), ...metadataFields(key) },
      cells: rules.table?.cells(object) ?? noCells,
      creationTimestamp: object.metadata.creationTimestamp ?? '',
    };
  } catch (cause) {
    throw new Error(
      `cannot read the selectable fields or table cells of ${key.resource} ${key.namespace}/${key.name}`,
      {
        cause,
      },
    );
  }
}

function metadataFields(key: ObjectKey): Record<string, string> {
  return { 'metadata.name': key.name, 'metadata.namespace': key.namespace };
}
