import { kptfileName, type PackageFiles } from '../package/files.ts';
import { checkPath, fileBelowFile, joinPath } from '../package/package-paths.ts';
import type { KrmObject } from '../yaml/krm-object.ts';
import type { ResourceDocument } from '../yaml/resource-document.ts';
import { printFile } from '../yaml/resource-file.ts';
import { attribute } from './attribution.ts';
import { PackageError } from './job.ts';
import type { RenderNode } from './package-tree.ts';
import { removeReaderAnnotations } from './reader-annotations.ts';

/**
 * The files after rendering. Files whose objects did not change keep every byte.
 *
 * @param root - the directory that the tree's paths are relative to
 * @param prune - whether files whose objects have all vanished are removed
 * @throws PackageError where an object's file could leave the package, or would have to be a directory as well
 */
export function writeBack(files: PackageFiles, tree: RenderNode, root: string, prune: boolean): Map<string, string> {
  const before = new Map<string, readonly ResourceDocument[]>();
  const after = new Map<string, KrmObject[]>();
  visit(tree, (node) => {
    for (const [file, documents] of node.documents) before.set(joinPath(node.path, file), documents);
    for (const object of node.items) {
      attribute(object);
      removeReaderAnnotations(object);
      const path = joinPath(object.packagePath ?? node.path, object.path ?? '');
      const list = after.get(path);
      if (list === undefined) after.set(path, [object]);
      else list.push(object);
    }
  });
  const result = new Map(files);
  for (const [path, objects] of after) {
    checkPath(path);
    objects.sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
    const own = before.get(path) ?? [];
    const documents = withEmptyDocuments(
      own,
      objects.map((object) => object.source),
    );
    // kpt writes the Kptfile anew, with its sequences indented.
    const newDocumentIndent = path === kptfileName ? 'wide' : 'compact';
    result.set(joinPath(root, path), printFile(path, documents, { newDocumentIndent, before: own }));
  }
  if (prune) {
    for (const [path, documents] of before) {
      if (!after.has(path) && documents.some((document) => !document.isEmpty)) result.delete(joinPath(root, path));
    }
  }
  if ([...after.keys()].some((path) => !before.has(path))) checkPlaces(result);
  return result;
}

/** Of a file and one below it only one could be kept. */
function checkPlaces(files: ReadonlyMap<string, string>): void {
  const found = fileBelowFile(files);
  if (found === undefined) return;
  const { path, parent } = found;
  throw new PackageError(
    `the functions of the pipeline have left a file ${JSON.stringify(path)} and a file ${JSON.stringify(parent)}: ` +
      'the second cannot be a directory as well; let them use another path',
    path,
  );
}

/** Calls with each package of a tree, parents first. */
export function visit(node: RenderNode, call: (node: RenderNode) => void): void {
  call(node);
  for (const child of node.children) visit(child, call);
}

/** Puts documents that hold only comments back between the others, before the one that they preceded. */
function withEmptyDocuments(
  before: readonly ResourceDocument[],
  filled: readonly ResourceDocument[],
): readonly ResourceDocument[] {
  if (!before.some((document) => document.isEmpty)) return filled;
  const survivors = new Map(filled.map((document) => [document.origin, document]));
  const preceding = new Map<ResourceDocument | undefined, ResourceDocument[]>();
  let pending: ResourceDocument[] = [];
  for (const document of before) {
    if (document.isEmpty) {
      pending.push(document);
      continue;
    }
    const survivor = survivors.get(document.origin);
    if (survivor === undefined || pending.length === 0) continue;
    preceding.set(survivor, pending);
    pending = [];
  }
  return [...filled.flatMap((document) => [...(preceding.get(document) ?? []), document]), ...pending];
}
