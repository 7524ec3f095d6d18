import type { Node } from 'yaml';
import type { AliasTargets } from '../yaml/alias-targets.ts';
import { detachedNode } from '../yaml/detached-node.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import { ResourceDocument } from '../yaml/resource-document.ts';

/**
 * An object of its own made of a node within another object, a copy with comments, quotes and notations.
 *
 * @param targets - what the other object's aliases stand for, found once where many are made of it
 */
export function detachedObject(node: Node, { document }: KrmObject, targets?: AliasTargets): KrmObject {
  const copy = ResourceDocument.create(null);
  copy.document.contents = detachedNode(node, document, targets);
  return new KrmObject(copy);
}
