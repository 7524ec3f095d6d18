import { type Document, isMap, isScalar, isSeq, type Node } from 'yaml';
import { keyText, resolveAlias } from './node-edits.ts';
import { isUnchanged } from './print-document.ts';
import type { ResourceDocument } from './resource-document.ts';

/** The text of a JSON file's only document: as it was where nothing changed, otherwise in its own indentation. */
export function printJson(resource: ResourceDocument): string {
  if (isUnchanged(resource)) return resource.origin?.raw ?? '';
  const indent = /^[[{]\s*\n([ \t]+)/.exec(resource.origin?.text ?? '')?.[1] ?? '  ';
  return resource.toFileText(`${jsonOf(resource.document, resource.document.contents, '\n', indent)}\n`);
}

function jsonOf(document: Document, node: unknown, newline: string, indent: string): string {
  const target: Node | undefined = resolveAlias(document, node);
  if (isMap(target)) {
    const lines = target.items.map(
      ({ key, value }) => `${JSON.stringify(keyText(key))}: ${jsonOf(document, value, newline + indent, indent)}`,
    );
    return wrap('{', lines, '}', newline, indent);
  }
  if (isSeq(target)) {
    const lines = target.items.map((item) => jsonOf(document, item, newline + indent, indent));
    return wrap('[', lines, ']', newline, indent);
  }
  if (!isScalar(target)) return 'null';
  const { value, source } = target;
  // The source keeps digits that a number would lose.
  if (typeof value === 'number' && source !== undefined && /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(source)) return source;
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value ?? null);
}

function wrap(open: string, lines: readonly string[], close: string, newline: string, indent: string): string {
  if (lines.length === 0) return open + close;
  return `${open}${newline}${indent}${lines.join(`,${newline}${indent}`)}${newline}${close}`;
}
