import type { Node } from 'yaml';
import { KrmObject } from '../yaml/krm-object.ts';
import { ResourceDocument } from '../yaml/resource-document.ts';
import { detachedNode } from './detached-node.ts';

/** An object of its own made of a node within another object, a copy with comments, quotes and notations. */
export function detachedObject(node: Node, { document }: KrmObject): KrmObject {
  const copy = ResourceDocument.create(null);
  copy.document.contents = detachedNode(node, document);
  return new KrmObject(copy);
}
