import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Document } from 'yaml';
import type { FunctionResultList } from '../pipeline/results.ts';
import { printYaml } from '../yaml/print-node.ts';
import { LocalError, systemReason } from './local-error.ts';
import { makeDirectory } from './make-directory.ts';

/**
 * Writes the results of functions to `results.yaml` in a directory, which is made where it is missing.
 *
 * @returns the path of the file
 * @throws LocalError where it cannot be written
 */
export function saveResults(directory: string, results: FunctionResultList): string {
  const path = join(directory, 'results.yaml');
  try {
    makeDirectory(directory);
    writeFileSync(path, printYaml(new Document(results, { aliasDuplicateObjects: false }), 'wide'));
  } catch (error) {
    throw new LocalError(`file ${JSON.stringify(path)} cannot be written: ${systemReason(error)}`, { cause: error });
  }
  return path;
}
