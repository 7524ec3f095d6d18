import type { KrmObject } from '../yaml/krm-object.ts';
import {
  idKeys,
  indexKeys,
  packagePathKey,
  pathKeys,
  placementKeys,
  resourceIdKey,
  sequenceIndentKey,
} from '../yaml/placement-keys.ts';

/** What those who call functions, and libraries of functions, note on objects for themselves. */
const callerKeys = [sequenceIndentKey, resourceIdKey] as const;

/** Where an object stands, as annotations say it during a call. */
export interface Placement {
  readonly id: string | undefined;
  /** As the modern annotation says it, or else the legacy one. */
  readonly path: string | undefined;
  readonly index: number | undefined;
  readonly packagePath: string | undefined;
  /** What each of both annotations says, where it is there. */
  readonly paths: readonly string[];
  readonly indexes: readonly string[];
}

/** The annotations that say in which file of its package an object stands, and as which document there, modern and legacy ones. */
export function positionAnnotations(object: KrmObject): Readonly<Record<string, string>> {
  const position: Record<string, string> = {};
  if (object.path !== undefined) for (const key of pathKeys) position[key] = object.path;
  if (object.index !== undefined) for (const key of indexKeys) position[key] = String(object.index);
  return position;
}

/** Notes on an object where it stands, for functions to see and to change. */
export function setPlacement(object: KrmObject, id: string | undefined): void {
  const set = (keys: readonly string[], value: string | undefined) => {
    if (value !== undefined) for (const key of keys) object.setAnnotation(key, value);
  };
  for (const [key, value] of Object.entries(positionAnnotations(object))) object.setAnnotation(key, value);
  set(idKeys, id);
  set([packagePathKey], object.packagePath);
}

/** Reads those annotations. */
export function placementOf(object: KrmObject): Placement {
  const found = object.annotations;
  const values = (keys: readonly string[]) => keys.map((key) => found[key]).filter((value) => value !== undefined);
  const paths = values(pathKeys).filter((value) => value !== '');
  const indexes = values(indexKeys).filter((value) => /^\d{1,9}$/.test(value));
  return {
    id: values(idKeys)[0],
    path: paths[0],
    index: indexes[0] === undefined ? undefined : Number(indexes[0]),
    packagePath: found[packagePathKey],
    paths,
    indexes,
  };
}

/** What else the caller of a function has noted on an object, for itself, and expects to find in the answer. */
export function callerAnnotations(object: KrmObject): Readonly<Record<string, string>> {
  const found = object.annotations;
  return Object.fromEntries(callerKeys.flatMap((key) => (found[key] === undefined ? [] : [[key, found[key]]])));
}

/** Removes all that readers of packages and callers of functions note on objects: it is no part of the object. */
export function removePlacement(object: KrmObject): void {
  for (const key of placementKeys) object.removeAnnotation(key);
}
