import type { Node } from 'yaml';
import { detachedObject } from '../functions/detached-object.ts';
import { AliasTargets } from '../yaml/alias-targets.ts';
import { detachedNode } from '../yaml/detached-node.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import { ResourceDocument } from '../yaml/resource-document.ts';
import { saysSame } from '../yaml/says-same.ts';
import { itemNodes } from './resource-list-text.ts';

/**
 * The objects of a ResourceList, each with the text that it has there, so that what a function leaves alone is printed as it came, anchors,
 * notations and comments included. One that cannot do without the rest of the list, for an anchor in it, is a copy without a text.
 */
export function itemObjects(list: KrmObject): readonly KrmObject[] {
  const targets = new AliasTargets(list.document);
  let end = 0;
  return itemNodes(list).map((node) => {
    const begin = end;
    end = node.range?.[2] ?? end;
    return objectWithText(node, list, targets, begin) ?? detachedObject(node, list, targets);
  });
}

/** @param begin - where the text before the object ends that is another's */
function objectWithText(node: Node, list: KrmObject, targets: AliasTargets, begin: number): KrmObject | undefined {
  const text = list.source.origin?.text;
  const range = node.range;
  if (text === undefined || range == null) return undefined;
  const own = itemText(text, begin, range[0], range[2]);
  if (own === undefined) return undefined;
  const source = ResourceDocument.parse(own);
  const { contents } = source.document;
  if (source.errors.length > 0 || contents === null) return undefined;
  try {
    const wanted = detachedNode(node, list.document, targets);
    return saysSame(detachedNode(contents, source.document), wanted) ? new KrmObject(source) : undefined;
  } catch {
    // An alias whose anchor is in another object.
    return undefined;
  }
}

/** The lines of an entry of a list as lines of a text of its own; undefined where they are not that. */
function itemText(text: string, begin: number, start: number, end: number): string | undefined {
  const dash = /(?:^|\n)( *)-(?=[ \n])(?: *| *#[^\n]*)(?:\n *#[^\n]*)*(?:\n *)?$/.exec(text.slice(begin, start));
  if (dash === null) return undefined;
  const column = start - (text.lastIndexOf('\n', start - 1) + 1);
  const first = text.slice(begin + dash.index, end).replace(/^\n/, '');
  const lines = first.replace(/^( *)-/, '$1 ').split('\n');
  const indent = ' '.repeat(column);
  if (lines.some((line) => line.trim() !== '' && !line.startsWith(indent))) return undefined;
  return lines.map((line) => line.slice(column)).join('\n');
}
