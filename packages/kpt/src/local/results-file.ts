import { join } from 'node:path';
import { Document } from 'yaml';
import type { FunctionResultList } from '../pipeline/results.ts';
import { printYaml } from '../yaml/print-node.ts';

/** The file in a directory that the results of functions are written to. */
export function resultsFile(directory: string): string {
  return join(directory, 'results.yaml');
}

/** What is written there. */
export function resultsText(results: FunctionResultList): string {
  return printYaml(new Document(results, { aliasDuplicateObjects: false }), 'wide');
}
