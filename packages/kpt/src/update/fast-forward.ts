import { isMap, isSeq } from 'yaml';
import { editKptfile, setRenderStatus } from '../kptfile/edit-kptfile.ts';
import { renderedCondition } from '../kptfile/kptfile.ts';
import { kptfileName } from '../package/files.ts';
import { PackageError } from '../pipeline/job.ts';
import type { KrmObject } from '../yaml/krm-object.ts';
import { prune } from './fingerprint.ts';
import type { Upgrade } from './merge-resources.ts';
import { dependentDirectories, isWithin } from './package-parts.ts';
import { replaceContent } from './replace-content.ts';
import { sameFile } from './same-file.ts';

/**
 * Takes the new upstream package as it is, where nothing was changed locally.
 *
 * @throws PackageError naming the files that were
 */
export function fastForward(upgrade: Upgrade): Map<string, string> {
  const modified = modifiedFiles(upgrade);
  if (modified.length > 0) {
    throw new PackageError(
      `local package files have been modified: [${modified.join(', ')}]; use a different update strategy`,
      modified[0],
    );
  }
  const result = replaceContent(upgrade);
  const kptfile = editKptfile(kptfileName, result.get(kptfileName) ?? '', (object) => {
    setRenderStatus(object, undefined);
    removeRendered(object);
  });
  return result.set(kptfileName, kptfile);
}

function modifiedFiles({ old, local }: Upgrade): string[] {
  const dependents = dependentDirectories(local);
  const paths = [...new Set([...old.files.keys(), ...local.files.keys()])].sort();
  return paths
    .filter((path) => !dependents.some((directory) => isWithin(path, directory)))
    .filter((path) => !sameFile(path, old, local, path === kptfileName ? stripKptfile : undefined));
}

/** Removes what differs between an upstream Kptfile and that of an unmodified clone. */
function stripKptfile(kptfile: KrmObject): void {
  for (const path of [['metadata', 'name'], ['upstream'], ['upstreamLock']]) kptfile.delete(path);
  removeRendered(kptfile);
  prune(kptfile.document, ['status', 'renderStatus']);
}

function removeRendered(kptfile: KrmObject): void {
  const conditions = kptfile.node(['status', 'conditions']);
  if (!isSeq(conditions)) return;
  conditions.items = conditions.items.filter((item) => !isMap(item) || item.get('type') !== renderedCondition);
  if (conditions.items.length === 0) prune(kptfile.document, ['status', 'conditions']);
}
