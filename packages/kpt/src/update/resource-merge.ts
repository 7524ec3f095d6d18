import { kptfileName } from '../package/files.ts';
import { baseName } from '../package/package-paths.ts';
import { PackageError } from '../pipeline/job.ts';
import { mergeKptfile } from './merge-kptfile.ts';
import { mergeFile, type Upgrade } from './merge-resources.ts';
import {
  dependentDirectories,
  filesWithin,
  isPackage,
  isWithin,
  type PackagePart,
  packageParts,
} from './package-parts.ts';
import { sameFile } from './same-file.ts';

/**
 * Merges package by package, file by file, resource by resource and field by field. What upstream changed is taken, also
 * where it was changed locally; every other local change stays.
 *
 * @throws PackageError for a subpackage that both sides added with different content, and for files that cannot be merged
 */
export function resourceMerge(upgrade: Upgrade): Map<string, string> {
  const { old, updated, local } = upgrade;
  const result = new Map(local.files);
  const settled = dependentDirectories(local);
  for (const part of packageParts([old, updated, local])) {
    const { directory, paths } = part;
    if (settled.some((other) => isWithin(directory, other))) continue;
    if (directory !== '' && settle(part, upgrade, result)) {
      settled.push(directory);
      continue;
    }
    for (const path of paths) setFile(result, path, merged(path, upgrade));
  }
  return result;
}

/** Decides what becomes of a subpackage as a whole; false where its files must be looked at one by one. */
function settle({ directory }: PackagePart, { old, updated, local }: Upgrade, result: Map<string, string>): boolean {
  const [before, after, ours] = [old, updated, local].map((tree) => filesWithin(tree, directory));
  if (before === undefined || after === undefined || ours === undefined) return false;
  if (before.length === 0) {
    if (!isPackage(local, directory) || !isPackage(updated, directory)) return false;
    if ([...new Set([...after, ...ours])].every((path) => sameFile(path, updated, local))) return true;
    throw new PackageError(
      `subpackage ${JSON.stringify(directory)} added in both upstream and local; move or remove the local one`,
      directory,
    );
  }
  if (ours.length === 0) return isPackage(old, directory);
  if (after.length > 0) return false;
  const paths = new Set([...before, ...ours]);
  if ([...paths].every((path) => sameFile(path, old, local))) for (const path of ours) result.delete(path);
  return true;
}

function merged(path: string, upgrade: Upgrade): string | undefined {
  const { old, updated, local } = upgrade;
  if (baseName(path) !== kptfileName) return mergeFile(path, upgrade);
  const ours = local.files.get(path);
  if (path !== kptfileName && old.files.get(path) === updated.files.get(path)) return ours;
  if (ours !== undefined && updated.files.has(path)) return mergeKptfile(path, old, updated, local);
  if (ours !== undefined) return old.files.has(path) && sameFile(path, old, local) ? undefined : ours;
  return old.files.has(path) ? undefined : updated.text(path);
}

function setFile(files: Map<string, string>, path: string, text: string | undefined): void {
  if (text === undefined) files.delete(path);
  else files.set(path, text);
}
