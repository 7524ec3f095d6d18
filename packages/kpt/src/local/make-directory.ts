import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory, and those above it that are missing; `made` is told of each, the topmost first. `mkdirSync` of Node.js with
 * `recursive` does not come back where no directory can be made, as below `/proc`.
 * @throws Error of the operating system, with its code
 */
export function makeDirectory(path: string, made: (path: string) => void): void {
  if (isDirectory(path)) return;
  if (dirname(path) !== path) makeDirectory(dirname(path), made);
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else may have made it in this moment.
    if (isDirectory(path)) return;
    throw error;
  }
  made(path);
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
