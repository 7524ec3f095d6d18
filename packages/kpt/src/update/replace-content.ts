import { kptfileName } from '../package/files.ts';
import { mergeKptfile } from './merge-kptfile.ts';
import type { Upgrade } from './merge-resources.ts';
import { dependentDirectories, isWithin } from './package-parts.ts';

/**
 * Puts upstream's files in the place of all local ones. The Kptfile at the root is merged; subpackages with an upstream of their
 * own stay as they are.
 */
export function replaceContent({ old, updated, local }: Upgrade): Map<string, string> {
  const dependents = dependentDirectories(local);
  const isDependent = (path: string): boolean => dependents.some((directory) => isWithin(path, directory));
  const result = new Map([[kptfileName, mergeKptfile(kptfileName, old, updated, local)]]);
  for (const [path, text] of local.files) if (isDependent(path)) result.set(path, text);
  for (const path of updated.files.keys()) {
    if (path !== kptfileName && !isDependent(path)) result.set(path, updated.text(path) ?? '');
  }
  return result;
}

/**
 * Puts upstream's files over the local ones and removes those that upstream removed; files that only the local package has
 * stay. The Kptfile at the root is merged; subpackages with an upstream of their own stay as they are.
 */
export function copyContent(upgrade: Upgrade): Map<string, string> {
  const { old, updated, local } = upgrade;
  const result = replaceContent(upgrade);
  for (const [path, text] of local.files) {
    if (!result.has(path) && !old.files.has(path) && !updated.files.has(path)) result.set(path, text);
  }
  return result;
}
