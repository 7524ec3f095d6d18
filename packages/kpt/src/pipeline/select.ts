import type { PipelineFunction, ResourceSelector } from '../kptfile/kptfile.ts';
import { positionAnnotations } from '../runtimes/placement-annotations.ts';
import type { KrmObject } from '../yaml/krm-object.ts';

/**
 * The objects that an entry's selectors choose and its exclusions leave, in order. Where an object stands counts among its annotations, as
 * functions see them: `config.kubernetes.io/path` and `config.kubernetes.io/index`, and the same with `internal.` in front.
 */
export function selectObjects(entry: PipelineFunction, objects: readonly KrmObject[]): readonly KrmObject[] {
  const { selectors = [], exclude = [] } = entry;
  if (selectors.length === 0 && exclude.length === 0) return objects;
  const exclusions = exclude.filter((selector) => !isEmpty(selector));
  return objects.filter(
    (object) =>
      (selectors.length === 0 || selectors.some((selector) => matches(selector, object))) &&
      !exclusions.some((selector) => matches(selector, object)),
  );
}

/** Puts the output of a function that saw only some objects in their place: vanished ones go, new ones come last. */
export function mergeSelected(
  all: readonly KrmObject[],
  selected: readonly KrmObject[],
  output: readonly KrmObject[],
): KrmObject[] {
  if (selected === all) return [...output];
  const [chosen, returned, known] = [new Set(selected), new Set(output), new Set(all)];
  return [
    ...all.filter((object) => !chosen.has(object) || returned.has(object)),
    ...output.filter((object) => !known.has(object)),
  ];
}

function isEmpty(selector: ResourceSelector): boolean {
  return Object.values(selector).every(
    (value) => !value || (typeof value === 'object' && Object.keys(value).length === 0),
  );
}

function matches(selector: ResourceSelector, object: KrmObject): boolean {
  return (
    equals(selector.apiVersion, object.apiVersion) &&
    equals(selector.kind, object.kind) &&
    equals(selector.name, object.name) &&
    equals(selector.namespace, object.namespace) &&
    contains(selector.labels, () => object.labels) &&
    contains(selector.annotations, () => ({ ...object.annotations, ...positionAnnotations(object) }))
  );
}

function equals(wanted: string | undefined, value: string): boolean {
  return !wanted || wanted === value;
}

function contains(wanted: Readonly<Record<string, string>> | undefined, values: () => Record<string, string>): boolean {
  if (wanted === undefined) return true;
  const found = values();
  return Object.entries(wanted).every(([key, value]) => found[key] === value);
}
