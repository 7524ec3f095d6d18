import { type Document, isMap, isScalar, isSeq, type Node } from 'yaml';
import { upstreamIdentifier } from '../package/merge-keys.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import { deleteAt, keyText, nodeAt, scalarText } from '../yaml/node-edits.ts';
import type { ResourceDocument } from '../yaml/resource-document.ts';
import { writeOutAliases } from './plain-contents.ts';

/**
 * A text that two documents share when they say the same: data and comments, whatever their formatting, order of keys and
 * merge keys.
 */
export function fingerprint(resource: ResourceDocument, path: string): string {
  return fingerprintWithout(resource, path, () => undefined);
}

/** The same, after a change made to a copy. */
export function fingerprintWithout(resource: ResourceDocument, path: string, strip: (copy: KrmObject) => void): string {
  const copy = resource.clone();
  writeOutAliases(copy.document, path);
  const object = new KrmObject(copy, path);
  if (object.root !== undefined) object.removeAnnotation(upstreamIdentifier);
  strip(object);
  return [commentsOf(copy.document), textOf(copy.document.contents)].join('\n');
}

/** Removes a field and the mappings that it leaves empty. */
export function prune(document: Document, path: readonly string[]): void {
  if (!deleteAt(document, path)) return;
  for (let length = path.length - 1; length > 0; length -= 1) {
    const parent = nodeAt(document, path.slice(0, length));
    const isEmpty = (isMap(parent) || isSeq(parent)) && parent.items.length === 0;
    if (!isEmpty || !deleteAt(document, path.slice(0, length))) return;
  }
}

function textOf(node: unknown): string {
  if (isScalar(node)) return `${typeof node.value} ${JSON.stringify(scalarText(node))}${commentsOf(node)}`;
  if (isSeq(node)) return `[${node.items.map(textOf).join(',')}]${commentsOf(node)}`;
  if (!isMap(node)) return 'none';
  const entries = node.items.map(
    ({ key, value }) => `${JSON.stringify(keyText(key))}${commentsOf(key)}:${textOf(value)}`,
  );
  return `{${entries.sort().join(',')}}${commentsOf(node)}`;
}

function commentsOf(node: unknown): string {
  const { commentBefore, comment } = (node ?? {}) as Partial<Node>;
  const lines = `${commentBefore ?? ''}\n${comment ?? ''}`.split('\n').map((line) => line.trim());
  const kept = lines.filter((line) => line !== '' && !line.startsWith('kpt-merge:'));
  return kept.length > 0 ? `#${JSON.stringify(kept)}` : '';
}
