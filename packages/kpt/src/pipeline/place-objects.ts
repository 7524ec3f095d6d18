import { posix } from 'node:path';
import { baseName, directoryOf, joinPath } from '../package/package-paths.ts';
import type { KrmObject } from '../yaml/krm-object.ts';

/**
 * Gives new objects a package, a file and a place in it, and makes sure that no two objects stand at the same place and none
 * outside the package.
 *
 * @returns what is wrong, or undefined
 */
export function placeObjects(
  objects: readonly KrmObject[],
  packagePath: string,
  config: KrmObject | undefined,
): string | undefined {
  const directory = defaultDirectory(config);
  const taken = new Map<string, Set<number>>();
  const homeless: KrmObject[] = [];
  for (const object of objects) {
    object.packagePath ??= packagePath;
    object.path ??= defaultPath(object, directory);
    const path = posix.normalize(object.path).replace(/^\/+/, '');
    if (path === '..' || path.startsWith('../') || path === '.' || path === '') {
      return `function must not modify resources outside of package: resource has path ${JSON.stringify(object.path)}`;
    }
    object.path = path;
    if (object.index === undefined) {
      homeless.push(object);
      continue;
    }
    const indexes = indexesOf(taken, object);
    if (indexes.has(object.index)) {
      return `resource at path ${JSON.stringify(path)} and index "${object.index}" already exists`;
    }
    indexes.add(object.index);
  }
  appendToFiles(homeless, taken);
  return undefined;
}

/** Gives objects the next free places of their files. */
function appendToFiles(objects: readonly KrmObject[], taken: Map<string, Set<number>>): void {
  const next = new Map<Set<number>, number>();
  for (const object of objects) {
    const indexes = indexesOf(taken, object);
    const index = next.get(indexes) ?? lastOf(indexes) + 1;
    object.index = index;
    next.set(indexes, index + 1);
  }
}

/** The largest of some numbers; -1 where there are none. */
function lastOf(indexes: ReadonlySet<number>): number {
  let last = -1;
  for (const index of indexes) last = Math.max(last, index);
  return last;
}

function indexesOf(taken: Map<string, Set<number>>, object: KrmObject): Set<number> {
  const key = joinPath(object.packagePath ?? '', object.path ?? '');
  const found = taken.get(key) ?? new Set();
  taken.set(key, found);
  return found;
}

function defaultDirectory(config: KrmObject | undefined): string {
  const directory = directoryOf(config?.path ?? '');
  return baseName(directory) === 'functions' ? directoryOf(directory) : directory;
}

function defaultPath(object: KrmObject, directory: string): string {
  const file = `${object.kind.toLowerCase()}_${object.name}.yaml`;
  return joinPath(directory, object.namespace === '' ? file : `${object.namespace}/${file}`);
}
