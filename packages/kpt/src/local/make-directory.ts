import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory, and those above it that are missing. `mkdirSync` of Node.js with `recursive` does not come back where no
 * directory can be made, as below `/proc`.
 * @returns what was made, the deepest first
 * @throws Error of the operating system, with its code
 */
export function makeDirectory(path: string): readonly string[] {
  if (isDirectory(path)) return [];
  const above = dirname(path) === path ? [] : makeDirectory(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else may have made it in this moment.
    if (isDirectory(path)) return above;
    throw error;
  }
  return [path, ...above];
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
