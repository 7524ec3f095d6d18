import { type Document, isMap, isPair, isScalar, isSeq, type Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { keyComment } from './key-comments.ts';
import { columnOf, lineEnd, lineStart, type SequenceIndent } from './layout.ts';
import { keyText } from './node-edits.ts';
import { indentLines, printYaml } from './print-node.ts';
import { type Snapshot, sameSnapshot, snapshotNode } from './snapshot.ts';

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Changes a document's text so that it says what its nodes now say, touching only the lines that differ.
 *
 * @returns undefined where that cannot be expressed as local changes; the caller then prints the whole document. What is
 *   returned must still be parsed and compared: comments between changed lines can end up elsewhere
 */
export function patchText(
  text: string,
  before: Snapshot,
  document: Document,
  indent: SequenceIndent,
): string | undefined {
  const patch = new Patch(text, indent);
  const after = snapshotNode(document.contents);
  if (!patch.node(before, after, document.contents)) return undefined;
  return patch.apply();
}

class Patch {
  readonly #text: string;
  readonly #indent: SequenceIndent;
  #edits: Edit[] = [];

  constructor(text: string, indent: SequenceIndent) {
    this.#text = text;
    this.#indent = indent;
  }

  apply(): string {
    const edits = this.#edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
    let result = '';
    let position = 0;
    for (const edit of edits) {
      result += this.#text.slice(position, edit.start) + edit.text;
      position = Math.max(position, edit.end);
    }
    return result + this.#text.slice(position);
  }

  /** Notes the edits that turn one node into the other; false where the node must be printed anew by its parent. */
  node(before: Snapshot, after: Snapshot, node: unknown): boolean {
    if (sameSnapshot(before, after)) return true;
    if (before.kind === 'scalar' && isScalar(node)) return this.#scalar(before, after, node);
    if (before.kind === 'map' && isMap(node)) return this.#attempt(() => this.#map(before, after, node));
    if (before.kind === 'seq' && isSeq(node)) return this.#attempt(() => this.#seq(before, after, node));
    return false;
  }

  #attempt(change: () => boolean): boolean {
    const saved = this.#edits.length;
    if (change()) return true;
    this.#edits.length = saved;
    return false;
  }

  #scalar(before: Snapshot, after: Snapshot, node: Scalar): boolean {
    const { range } = before;
    if (range === undefined || range[0] === range[1] || node.tag || node.anchor) return false;
    if (before.comments !== after.comments || /^[|>!&]/.test(this.#text.slice(range[0], range[1]))) return false;
    const bare = new Scalar(node.value);
    if (node.type !== undefined) bare.type = node.type;
    if (node.source !== undefined) bare.source = node.source;
    if (node.format !== undefined) bare.format = node.format;
    if (node.minFractionDigits !== undefined) bare.minFractionDigits = node.minFractionDigits;
    const printed = printYaml(bare, this.#indent).trimEnd();
    if (printed.includes('\n')) return false;
    this.#edits.push({ start: range[0], end: range[1], text: printed });
    return true;
  }

  #map(before: Snapshot, after: Snapshot, map: YAMLMap): boolean {
    if (before.own !== after.own || map.flow || map.items.length === 0 || before.keys.length === 0) return false;
    const column = columnOf(this.#text, before.range?.[0] ?? 0);
    const old = new Map(before.keys.map((key, index) => [keyName(key), index]));
    if (old.size !== before.keys.length) return false;
    const kept = new Set<number>();
    let last = -1;
    for (const [index, pair] of map.items.entries()) {
      const position = old.get(keyText(pair.key));
      const [key, value] = [after.keys[index], after.children[index]];
      if (key === undefined || value === undefined) return false;
      if (position === undefined) {
        if (last < 0 && !this.#startsLine(before.keys[0])) return false;
        this.#insert(before, last, this.#printPair(pair, column));
        continue;
      }
      if (position < last || !this.#keptPair(before, position, key, value, pair, column)) return false;
      kept.add(position);
      last = position;
    }
    return before.keys.every((key, index) => kept.has(index) || this.#remove(before, key, index));
  }

  #keptPair(before: Snapshot, position: number, key: Snapshot, value: Snapshot, pair: Pair, column: number): boolean {
    const [oldKey, oldValue] = [before.keys[position], before.children[position]];
    if (oldKey === undefined || oldValue === undefined || !sameSnapshot(oldKey, key)) return false;
    if (this.node(oldValue, value, pair.value)) return true;
    if (this.#attempt(() => this.#addKeyComment(oldKey, oldValue, value, pair.value))) return true;
    const start = oldKey.range?.[0];
    if (start === undefined) return false;
    const printed = this.#printPair(pair, column, false).slice(column).replace(/\n$/, '');
    this.#edits.push({ start, end: this.#endOf(oldValue, oldKey), text: printed });
    return true;
  }

  /** Puts a new comment beside the key, where the value had none, and changes the rest of the value in place. */
  #addKeyComment(key: Snapshot, before: Snapshot, after: Snapshot, value: unknown): boolean {
    const comment = keyComment(value);
    const end = lineEnd(this.#text, key.range?.[1] ?? 0);
    const rest = this.#text.slice(key.range?.[1], end);
    if (comment === undefined || !/^$|^##/.test(before.comments)) return false;
    if (after.comments !== `key#${comment}#${before.comments.slice(2)}`) return false;
    if (!/^[ \t]*:[ \t]*$/.test(rest)) return false;
    this.#edits.push({ start: end - (rest.length - rest.trimEnd().length), end, text: ` #${comment}` });
    return this.node(before, { ...after, comments: before.comments, own: before.own }, value);
  }

  #seq(before: Snapshot, after: Snapshot, seq: YAMLSeq): boolean {
    if (before.own !== after.own || seq.flow || seq.items.length === 0 || before.children.length === 0) return false;
    const column = columnOf(this.#text, before.range?.[0] ?? 0);
    const [a, b] = [before.children, after.children];
    let head = 0;
    while (head < a.length && head < b.length && same(a[head], b[head])) head += 1;
    let tail = 0;
    while (tail < Math.min(a.length, b.length) - head && same(a.at(-1 - tail), b.at(-1 - tail))) tail += 1;
    const common = Math.min(a.length, b.length) - tail;
    for (let index = head; index < common; index += 1) {
      const [from, to] = [a[index], b[index]];
      if (from === undefined || to === undefined) return false;
      if (!this.node(from, to, seq.items[index]) && !this.#replaceItem(from, seq.items[index], column)) return false;
    }
    for (let index = common; index < b.length - tail; index += 1) {
      this.#insert(before, common - 1, this.#printItem(seq.items[index], column));
    }
    if (common === 0 && b.length > tail && !this.#dashStart(a[0])) return false;
    return a.slice(common, a.length - tail).every((item, offset) => this.#remove(before, item, common + offset));
  }

  #replaceItem(from: Snapshot, item: unknown, column: number): boolean {
    const start = this.#dashStart(from);
    if (start === undefined || from.comments !== '') return false;
    const printed = this.#printItem(item, column).replace(/\n$/, '');
    this.#edits.push({ start, end: this.#endOf(from, from), text: printed });
    return true;
  }

  /** The start of the line of a sequence's item, where nothing but its dash precedes it. */
  #dashStart(item: Snapshot | undefined): number | undefined {
    if (item?.range === undefined) return undefined;
    const start = lineStart(this.#text, item.range[0]);
    return /^ *- +$/.test(this.#text.slice(start, item.range[0])) ? start : undefined;
  }

  #startsLine(key: Snapshot | undefined): boolean {
    const start = key?.range?.[0];
    return start !== undefined && this.#text.slice(lineStart(this.#text, start), start).trim() === '';
  }

  /** Where a value ends, the comment on its last line included and the newline excluded. */
  #endOf(value: Snapshot, key: Snapshot): number {
    let last = value;
    while (last.kind === 'map' || last.kind === 'seq') {
      const child = last.children.at(-1);
      if (child === undefined || /^[[{]/.test(this.#text.slice(last.range?.[0], last.range?.[1]))) break;
      last = child.kind === 'none' ? (last.keys.at(-1) ?? child) : child;
    }
    const end = last.range?.[1] ?? key.range?.[1] ?? 0;
    const blockScalar = this.#text[end - 1] === '\n' && last.kind === 'scalar';
    return blockScalar ? end - 1 : lineEnd(this.#text, end);
  }

  #insert(parent: Snapshot, after: number, printed: string): void {
    const previous = parent.children[after];
    if (previous === undefined) {
      const first = parent.keys[0] ?? parent.children[0];
      const start = lineStart(this.#text, first?.range?.[0] ?? 0);
      this.#edits.push({ start, end: start, text: printed });
      return;
    }
    const end = this.#endOf(previous, parent.keys[after] ?? previous);
    this.#edits.push({ start: end, end, text: `\n${printed.replace(/\n$/, '')}` });
  }

  #remove(parent: Snapshot, lead: Snapshot, index: number): boolean {
    const value = parent.children[index];
    if (value === undefined || lead.range === undefined || lead.comments !== '') return false;
    const isItem = parent.kind === 'seq';
    const start = isItem ? this.#dashStart(lead) : lineStart(this.#text, lead.range[0]);
    if (start === undefined || (!isItem && !this.#startsLine(lead))) return false;
    this.#edits.push({ start, end: this.#endOf(value, lead) + 1, text: '' });
    return true;
  }

  /** A pair on lines of its own; `withLead` includes the comments before its key. */
  #printPair(pair: Pair, column: number, withLead = true): string {
    const map = new YAMLMap();
    const key =
      !withLead && isScalar(pair.key)
        ? Object.assign(pair.key.clone(), { commentBefore: null, spaceBefore: false })
        : pair.key;
    const copy = pair.clone();
    copy.key = key;
    if (isPair(copy)) map.items.push(copy);
    return indentLines(printYaml(map, this.#indent), column);
  }

  #printItem(item: unknown, column: number): string {
    const seq = new YAMLSeq();
    seq.items.push(item);
    return indentLines(printYaml(seq, this.#indent), column);
  }
}

function same(a: Snapshot | undefined, b: Snapshot | undefined): boolean {
  return a !== undefined && b !== undefined && sameSnapshot(a, b);
}

function keyName(key: Snapshot): string {
  return key.name;
}
