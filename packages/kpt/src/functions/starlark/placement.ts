import { StarlarkError } from '../../starlark/errors.ts';
import type { Budget } from '../../starlark/limits.ts';
import { Dict } from '../../starlark/values/dict.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { idKeys, indexKeys, pathKeys, placementKeys } from '../../yaml/placement-keys.ts';

/** Where a script wants a resource to stand. */
export interface Placement {
  readonly path: string | undefined;
  readonly index: number | undefined;
}

/** Notes in a resource's annotations where it stands, making them where there are none. */
export function notePlacement(item: Dict, object: KrmObject, id: string, budget: Budget): void {
  const metadata = childDict(item, 'metadata', budget);
  const annotations = metadata && childDict(metadata, 'annotations', budget);
  if (annotations === undefined) return;
  for (const key of idKeys) annotations.set(key, id, budget);
  if (object.path !== undefined) for (const key of pathKeys) annotations.set(key, object.path, budget);
  if (object.index !== undefined) for (const key of indexKeys) annotations.set(key, String(object.index), budget);
}

/**
 * Reads where a resource is to stand.
 *
 * @param source - the resource as it was before the script; undefined for a new one
 * @throws StarlarkError where its annotations contradict each other, or an index is no number
 */
export function readPlacement(item: Dict, source: KrmObject | undefined, budget: Budget): Placement {
  const text = (key: string) => annotationText(item, key, budget);
  const index = chosen(indexKeys, text, source?.index?.toString());
  if (index !== undefined && !/^\d{1,9}$/.test(index)) {
    throw new StarlarkError(`annotation ${indexKeys[0]}: ${JSON.stringify(index)} is no index of a document in a file`);
  }
  return {
    path: chosen(pathKeys, text, source?.path),
    index: index === undefined ? undefined : Number(index),
  };
}

/** Which of the script's input a resource says it comes from. */
export function readId(item: Dict, budget: Budget): string | undefined {
  return annotationText(item, idKeys[0], budget) ?? annotationText(item, idKeys[1], budget);
}

/** Takes the annotations out that the file does not have; a mapping that held nothing else goes as well. */
export function dropPlacement(item: Dict, source: KrmObject | undefined, budget: Budget): void {
  const metadata = item.get('metadata', budget);
  const annotations = annotationsOf(item, budget);
  if (!(metadata instanceof Dict) || annotations === undefined) return;
  for (const key of placementKeys) {
    const own = source?.annotation(key);
    if (own !== undefined) annotations.set(key, own, budget);
    else annotations.table.delete(key, budget);
  }
  if (annotations.length > 0) return;
  restoreEmpty(metadata, 'annotations', source?.get(['metadata', 'annotations']), budget);
  if (metadata.length === 0) restoreEmpty(item, 'metadata', source?.get(['metadata']), budget);
}

/** Writes an empty dict as what it was made of: nothing, null, or a mapping. */
function restoreEmpty(dict: Dict, key: string, before: unknown, budget: Budget): void {
  if (before === undefined) dict.table.delete(key, budget);
  else if (before === null) dict.set(key, null, budget);
}

/** The annotation that the script changed; its counterpart where it changed none. */
function chosen(
  [key, legacyKey]: readonly [string, string],
  text: (key: string) => string | undefined,
  before: string | undefined,
): string | undefined {
  const [value, legacy] = [text(key), text(legacyKey)];
  if (value === legacy || legacy === undefined || legacy === before) return value ?? legacy;
  if (value === undefined || value === before) return legacy;
  throw new StarlarkError(`annotations ${key} (${value}) and ${legacyKey} (${legacy}) contradict each other`);
}

function annotationsOf(item: Dict, budget: Budget): Dict | undefined {
  const metadata = item.get('metadata', budget);
  const annotations = metadata instanceof Dict ? metadata.get('annotations', budget) : undefined;
  return annotations instanceof Dict ? annotations : undefined;
}

function annotationText(item: Dict, key: string, budget: Budget): string | undefined {
  const value = annotationsOf(item, budget)?.get(key, budget);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : undefined;
}

/** The dict at a key, made where there is nothing; undefined where something else is. */
function childDict(dict: Dict, key: string, budget: Budget): Dict | undefined {
  const value = dict.get(key, budget) ?? null;
  if (value instanceof Dict) return value;
  if (value !== null) return undefined;
  const made = new Dict();
  dict.set(key, made, budget);
  return made;
}
