import type { KrmObject } from '../yaml/krm-object.ts';

const path = ['internal.config.kubernetes.io/path', 'config.kubernetes.io/path'] as const;
const index = ['internal.config.kubernetes.io/index', 'config.kubernetes.io/index'] as const;
const id = ['internal.config.kubernetes.io/id', 'config.k8s.io/id'] as const;
const packagePath = 'internal.config.kubernetes.io/package-path';
/** Others that those who call functions, and libraries of functions, note on objects. */
const others = [
  'internal.config.kubernetes.io/seqindent',
  'internal.config.kubernetes.io/annotations-migration-resource-id',
] as const;

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
  if (object.path !== undefined) for (const key of path) position[key] = object.path;
  if (object.index !== undefined) for (const key of index) position[key] = String(object.index);
  return position;
}

/** Notes on an object where it stands, for functions to see and to change. */
export function setPlacement(object: KrmObject, number: string | undefined): void {
  const set = (keys: readonly string[], value: string | undefined) => {
    if (value !== undefined) for (const key of keys) object.setAnnotation(key, value);
  };
  for (const [key, value] of Object.entries(positionAnnotations(object))) object.setAnnotation(key, value);
  set(id, number);
  set([packagePath], object.packagePath);
}

/** Reads those annotations. */
export function placementOf(object: KrmObject): Placement {
  const found = object.annotations;
  const values = (keys: readonly string[]) => keys.map((key) => found[key]).filter((value) => value !== undefined);
  const paths = values(path).filter((value) => value !== '');
  const indexes = values(index).filter((value) => /^\d{1,9}$/.test(value));
  return {
    id: values(id)[0],
    path: paths[0],
    index: indexes[0] === undefined ? undefined : Number(indexes[0]),
    packagePath: found[packagePath],
    paths,
    indexes,
  };
}

/** What else the caller of a function has noted on an object, for itself, and expects to find in the answer. */
export function callerAnnotations(object: KrmObject): Readonly<Record<string, string>> {
  const found = object.annotations;
  return Object.fromEntries(others.flatMap((key) => (found[key] === undefined ? [] : [[key, found[key]]])));
}

/** Removes them: they are no part of the object. */
export function removePlacement(object: KrmObject): void {
  for (const key of [...path, ...index, ...id, packagePath, ...others]) object.removeAnnotation(key);
}
