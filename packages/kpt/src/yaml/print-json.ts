import { type Document, isCollection, isMap, isScalar, isSeq, type Node } from 'yaml';
import { AliasTargets } from './alias-targets.ts';
import { keyText } from './node-edits.ts';
import { isUnchanged } from './print-document.ts';
import type { ResourceDocument } from './resource-document.ts';
import { quoted } from './spelled-text.ts';

/** How many nodes are written in place of aliases, which JSON does not have. Aliases of aliases can stand for more than any memory holds. */
const mostNodesOfAliases = 100_000;

/**
 * The text of a JSON file's only document: as it was where nothing changed, otherwise in its own indentation.
 *
 * @param isOwn - whether it stood in this file before; what comes from another one is perhaps no JSON yet
 * @throws Error where aliases stand for too much, or for what they are part of
 */
export function printJson(resource: ResourceDocument, isOwn = true): string {
  const raw = resource.origin?.raw ?? '';
  if (isUnchanged(resource) && (isOwn || isJson(raw))) return raw;
  const indent = /^[[{]\s*\n([ \t]+)/.exec(resource.origin?.text ?? '')?.[1] ?? '  ';
  const { document } = resource;
  return resource.toFileText(`${new JsonPrinter(document, indent).print(document.contents, '\n')}\n`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

class JsonPrinter {
  readonly #aliases: AliasTargets;
  readonly #indent: string;
  /** The collections that are being written, one within the other. */
  readonly #open = new Set<Node>();
  /** How many of the nodes that are being written stand in place of aliases, one within the other. */
  #aliasDepth = 0;
  #nodesOfAliases = 0;

  constructor(document: Document, indent: string) {
    this.#aliases = new AliasTargets(document);
    this.#indent = indent;
  }

  print(node: unknown, newline: string): string {
    const target = this.#aliases.resolve(node);
    if (!isCollection(target)) return scalarJson(target);
    if (this.#open.has(target)) throw new Error('an alias stands for something that it is part of');
    this.#open.add(target);
    if (target !== node) this.#aliasDepth += 1;
    const printed = this.#collection(target, newline);
    if (target !== node) this.#aliasDepth -= 1;
    this.#open.delete(target);
    return printed;
  }

  #collection(node: Node, newline: string): string {
    const inner = newline + this.#indent;
    if (isMap(node)) {
      const lines = node.items.map(({ key, value }) => `${quoted(keyText(key))}: ${this.#part(value, inner)}`);
      return wrap('{', lines, '}', newline, inner);
    }
    const lines = isSeq(node) ? node.items.map((item) => this.#part(item, inner)) : [];
    return wrap('[', lines, ']', newline, inner);
  }

  #part(node: unknown, newline: string): string {
    if (this.#aliasDepth > 0) this.#nodesOfAliases += 1;
    if (this.#nodesOfAliases > mostNodesOfAliases)
      throw new Error('aliases stand for too many values to be written as JSON');
    return this.print(node, newline);
  }
}

function scalarJson(node: unknown): string {
  if (!isScalar(node)) return 'null';
  const { value, source } = node;
  // The source keeps digits that a number would lose.
  if (typeof value === 'number' && source !== undefined && /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(source)) return source;
  if (typeof value === 'string') return quoted(value);
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value ?? null);
}

function wrap(open: string, lines: readonly string[], close: string, newline: string, inner: string): string {
  return lines.length === 0 ? open + close : `${open}${inner}${lines.join(`,${inner}`)}${newline}${close}`;
}
