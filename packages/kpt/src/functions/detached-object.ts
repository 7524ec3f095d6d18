import type { Node } from 'yaml';
import { detachedNode } from '../yaml/detached-node.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import { ResourceDocument } from '../yaml/resource-document.ts';

/** An object of its own made of a node within another object, a copy with comments, quotes and notations. */
export function detachedObject(node: Node, { document }: KrmObject): KrmObject {
  const copy = ResourceDocument.create(null);
  copy.document.contents = detachedNode(node, document);
  return new KrmObject(copy);
}
