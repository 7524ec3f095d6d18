import { isMap } from 'yaml';
import { editKptfile } from '../kptfile/edit-kptfile.ts';
import { readKptfile } from '../kptfile/read-kptfile.ts';
import { markObject, upstreamIdentifier } from '../package/merge-keys.ts';
import { PackageError } from '../pipeline/job.ts';
import type { KrmObject } from '../yaml/krm-object.ts';
import { deleteAt, type FieldPath } from '../yaml/node-edits.ts';
import { prune } from './fingerprint.ts';
import { kptfileMergeShape } from './kptfile-shape.ts';
import { mergeFields } from './merge-fields.ts';
import { writeOutAliases } from './plain-contents.ts';
import type { UpgradeTree } from './upgrade-tree.ts';

/** What a package says of itself and of where it comes from: never taken from upstream. */
const localFields: readonly FieldPath[] = [
  ['apiVersion'],
  ['kind'],
  ['metadata', 'name'],
  ['metadata', 'namespace'],
  ['upstream'],
  ['upstreamLock'],
];

/**
 * Merges upstream's changes into a local Kptfile: labels, annotations, info, pipeline, inventory and status. Name, namespace,
 * upstream and lock stay as they are.
 *
 * @throws PackageError where one of the Kptfiles cannot be read
 */
export function mergeKptfile(path: string, old: UpgradeTree, updated: UpgradeTree, local: UpgradeTree): string {
  const text = local.files.get(path);
  if (text === undefined) throw missing(path, local);
  const [was, now] = [read(path, old), read(path, updated)];
  if (now === undefined) throw missing(path, updated);
  return editing(path, local, () =>
    editKptfile(path, text, (ours) => {
      writeOutAliases(ours.document, path);
      const shape = kptfileMergeShape([was, now, ours].filter((kptfile) => kptfile !== undefined));
      mergeFields({ old: was?.root, updated: now.root, local: ours.root }, shape, now.document);
      markObject(ours, 'local');
    }),
  );
}

/** An upstream Kptfile without what is not merged. */
function read(path: string, tree: UpgradeTree): KrmObject | undefined {
  const text = tree.files.get(path);
  if (text === undefined) return undefined;
  const { object } = editing(path, tree, () => readKptfile(path, text));
  writeOutAliases(object.document, path);
  for (const field of localFields) deleteAt(object.document, field);
  prune(object.document, ['metadata', 'annotations', upstreamIdentifier]);
  const metadata = object.node(['metadata']);
  if (isMap(metadata)) {
    metadata.commentBefore = null;
    metadata.comment = null;
  }
  return object;
}

function editing<T>(path: string, { side }: UpgradeTree, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    throw new PackageError(`the ${side} package cannot be merged: ${error.message}`, error.path ?? path, {
      cause: error,
    });
  }
}

function missing(path: string, { side }: UpgradeTree): PackageError {
  return new PackageError(`the ${side} package has no ${path}, so it cannot be upgraded`, path);
}
