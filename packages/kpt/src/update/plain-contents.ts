import { type Document, isAlias, isMap, isScalar, isSeq, type Node, visit } from 'yaml';
import { PackageError } from '../pipeline/job.ts';
import { detachedNode } from '../yaml/detached-node.ts';

/**
 * Makes a document's content free of aliases and anchors, so that its parts can be changed and copied one by one. A document
 * without any stays as it is.
 *
 * @throws PackageError where the aliases stand for more than can be written out
 */
export function writeOutAliases(document: Document, path: string): void {
  const { contents } = document;
  if (contents === null || !hasReferences(contents)) return;
  try {
    document.contents = detachedNode(contents, document);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PackageError(`file ${JSON.stringify(path)} cannot be merged: ${why}`, path, { cause: error });
  }
}

function hasReferences(contents: Node): boolean {
  let found = false;
  visit(contents, {
    Node(_, node) {
      const anchored = (isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined;
      if (!isAlias(node) && !anchored) return undefined;
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}
