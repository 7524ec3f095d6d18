import type { Document } from 'yaml';
import { type SequenceIndent, sequenceIndentOf } from './layout.ts';
import { parseYaml } from './parse-yaml.ts';
import { patchText } from './patch-text.ts';
import { printYaml } from './print-node.ts';
import type { ResourceDocument } from './resource-document.ts';
import { isAsBefore, outerComments, sameContent } from './snapshot.ts';
import { endUnendedBlock } from './unended-block.ts';

/** Whether a document still says what its text says. */
export function isUnchanged(resource: ResourceDocument): boolean {
  const { origin, document } = resource;
  return origin !== undefined && hasSameComments(resource) && isAsBefore(origin.snapshot, document.contents);
}

/**
 * The text of a document. An unchanged one comes back as it was, byte by byte; of a changed one only the lines that differ
 * are written anew, or, where that is impossible, the whole document in its own indentation.
 */
export function printDocument(resource: ResourceDocument, newDocumentIndent: SequenceIndent = 'compact'): string {
  const { origin, document } = resource;
  if (origin === undefined) return printYaml(document, newDocumentIndent);
  if (isUnchanged(resource)) return origin.raw;
  const indent = sequenceIndentOf(document, origin.text) ?? newDocumentIndent;
  return resource.toFileText(printChanges(resource, indent) ?? reprint(resource, indent));
}

/** The same with a line end at the end, so that another document can follow. */
export function printEndedDocument(resource: ResourceDocument, newDocumentIndent: SequenceIndent = 'compact'): string {
  const printed = printDocument(resource, newDocumentIndent);
  if (printed === '' || printed.endsWith('\n')) return printed;
  const text = `${printed.replace(/^\ufeff/, '').replaceAll('\r\n', '\n')}\n`;
  // A block that had no line end must not get one.
  return resource.toFileText(says(text, resource.document) ? text : reprint(resource, newDocumentIndent));
}

function printChanges({ origin, document }: ResourceDocument, indent: SequenceIndent): string | undefined {
  if (origin === undefined || origin.comments !== outerComments(document)) return undefined;
  const patched = patchText(origin.text, origin.snapshot, document, indent);
  if (patched === undefined || patched.isCertain) return patched?.text;
  // A block at the end of a text has a line end only where the text has one.
  return [patched.text, `${patched.text}\n`].find((text) => says(text, document));
}

function hasSameComments({ origin, document }: ResourceDocument): boolean {
  return origin?.comments === outerComments(document);
}

function reprint(resource: ResourceDocument, indent: SequenceIndent): string {
  const printed = printYaml(resource.document, indent);
  const marker = /^---[ \t]*(#[^\n]*)?\n/.exec(resource.origin?.text ?? '')?.[0] ?? '';
  return printed.startsWith('---') ? printed : marker + printed;
}

function says(text: string, document: Document): boolean {
  const parsed = parseYaml(text);
  endUnendedBlock(parsed, text);
  return parsed.errors.length === 0 && sameContent(parsed, document);
}
