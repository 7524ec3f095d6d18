import { isMap } from 'yaml';
import type { KrmObject } from '../yaml/krm-object.ts';
import { keyText } from '../yaml/node-edits.ts';
import { indexKeys, packagePathKey, pathKeys, sequenceIndentKey } from '../yaml/placement-keys.ts';

/** What readers of packages note on objects for functions, and writers take off again, as kpt does. */
const readerAnnotations: ReadonlySet<string> = new Set([...pathKeys, ...indexKeys, sequenceIndentKey, packagePathKey]);

function found(object: KrmObject): readonly string[] {
  const annotations = object.node(['metadata', 'annotations']);
  return isMap(annotations)
    ? annotations.items.map(({ key }) => keyText(key)).filter((key) => readerAnnotations.has(key))
    : [];
}

/** Whether an object has what a reader has noted on it: clients that send packages as lists of resources leave some there. */
export function hasReaderAnnotations(object: KrmObject): boolean {
  return found(object).length > 0;
}

/** Takes off what readers have noted: where an object stands is said by where it stands. */
export function removeReaderAnnotations(object: KrmObject): void {
  for (const key of found(object)) object.removeAnnotation(key);
}
