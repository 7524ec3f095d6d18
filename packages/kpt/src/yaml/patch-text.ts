import { type Document, isMap, isScalar, isSeq, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { keyComment } from './key-comments.ts';
import { columnOf, lineEnd, lineStart, type SequenceIndent } from './layout.ts';
import { keyText } from './node-edits.ts';
import { indentLines, printYaml } from './print-node.ts';
import { isBareTree, printPlainPair, printPlainScalar } from './print-plain.ts';
import { commentsOf, hasSameForm, isAsBefore, isSelfAsBefore, type Snapshot, snapshotName } from './snapshot.ts';
import { SourceLines } from './source-lines.ts';
import { needsQuotesInBrackets } from './spelled-text.ts';

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A text that was changed in places. */
export interface PatchedText {
  readonly text: string;
  /**
   * Whether it is certain that the text says what the nodes say. Where it is not, the text must be parsed and compared: comments
   * between changed lines can end up elsewhere.
   */
  readonly isCertain: boolean;
}

/**
 * Changes a document's text so that it says what its nodes now say, touching only the lines that differ.
 *
 * @returns undefined where that cannot be expressed as local changes; the caller then prints the whole document
 */
export function patchText(
  text: string,
  before: Snapshot,
  document: Document,
  indent: SequenceIndent,
): PatchedText | undefined {
  const patch = new Patch(text, indent);
  return patch.node(before, document.contents) ? patch.apply() : undefined;
}

class Patch {
  readonly #source: SourceLines;
  readonly #indent: SequenceIndent;
  #edits: Edit[] = [];
  /** Stays true as long as every edit replaces whole lines, or a word in one, that no comment stands next to. */
  #isCertain: boolean;
  #isInBrackets = false;

  constructor(text: string, indent: SequenceIndent) {
    this.#source = new SourceLines(text);
    this.#indent = indent;
    this.#isCertain = !this.#source.isIntricate;
  }

  get #text(): string {
    return this.#source.text;
  }

  apply(): PatchedText {
    const edits = this.#edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
    let result = '';
    let position = 0;
    for (const { start, end, text } of edits) {
      // What comes after a line that goes, its newline included, takes that newline.
      const followsRemoved = start === end && start === position - 1 && text.startsWith('\n');
      if (followsRemoved) result += `${text.slice(1)}\n`;
      else {
        if (start < position) this.#isCertain = false;
        result += this.#text.slice(position, start) + text;
      }
      position = Math.max(position, end);
    }
    return { text: result + this.#text.slice(position), isCertain: this.#isCertain };
  }

  /** Notes the edits that turn one node into the other; false where the node must be printed anew by its parent. */
  node(before: Snapshot, node: unknown): boolean {
    if (isAsBefore(before, node)) return true;
    if (before.kind === 'scalar' && isScalar(node)) return this.#scalar(before, node);
    if (before.kind === 'map' && isMap(node)) return this.#attempt(() => this.#map(before, node));
    if (before.kind === 'seq' && isSeq(node)) return this.#attempt(() => this.#seq(before, node));
    return false;
  }

  #attempt(change: () => boolean): boolean {
    const saved = this.#edits.length;
    if (change()) return true;
    this.#edits.length = saved;
    return false;
  }

  #scalar(before: Snapshot, node: Scalar): boolean {
    const { range } = before;
    if (range === undefined || range[0] === range[1]) return false;
    // What stands before the text, and would stay there.
    if (node.tag || node.anchor || before.tag || before.anchor) return false;
    if (before.comments !== commentsOf(node) || /[|>!&]/.test(this.#text[range[0]] ?? '')) return false;
    const printed = this.#printScalar(node);
    if (printed.includes('\n')) return false;
    this.#edits.push({ start: range[0], end: range[1], text: printed });
    return true;
  }

  #printScalar(node: Scalar): string {
    const bare = new Scalar(node.value);
    if (node.type !== undefined) bare.type = node.type;
    if (node.source !== undefined) bare.source = node.source;
    if (node.format !== undefined) bare.format = node.format;
    if (node.minFractionDigits !== undefined) bare.minFractionDigits = node.minFractionDigits;
    const { value } = node;
    const endsEarly =
      this.#isInBrackets && typeof value === 'string' && (/[,[\]{}]/.test(value) || needsQuotesInBrackets(value));
    if (endsEarly && !bare.type?.startsWith('QUOTE')) bare.type = Scalar.QUOTE_DOUBLE;
    return printPlainScalar(bare) ?? printYaml(bare, this.#indent).replace(/\n$/, '');
  }

  #map(before: Snapshot, map: YAMLMap): boolean {
    if (!isSelfAsBefore(before, map) || map.items.length === 0 || before.keys.length === 0) return false;
    if (map.flow) return this.#inBrackets(() => this.#mapInBrackets(before, map));
    const column = columnOf(this.#text, before.range?.[0] ?? 0);
    const old = new Map(before.keys.map((key, index) => [snapshotName(key), index]));
    if (old.size !== before.keys.length) return false;
    const kept = new Set<number>();
    let last = -1;
    for (const pair of map.items) {
      const position = old.get(keyText(pair.key));
      if (position === undefined) {
        if (last < 0 && !this.#source.startsLine(before.keys[0])) return false;
        this.#insert(before, last, this.#printPair(pair, column));
        if (!isBareTree(pair.key) || !isBareTree(pair.value)) this.#isCertain = false;
        continue;
      }
      if (position < last || !this.#keptPair(before, position, pair, column)) return false;
      kept.add(position);
      last = position;
    }
    return before.keys.every((key, index) => kept.has(index) || this.#remove(before, key, index));
  }

  #inBrackets(change: () => boolean): boolean {
    const outer = this.#isInBrackets;
    this.#isInBrackets = true;
    this.#isCertain = false;
    const isDone = change();
    this.#isInBrackets = outer;
    return isDone;
  }

  /** Changes values where nothing but values has changed. */
  #mapInBrackets(before: Snapshot, map: YAMLMap): boolean {
    if (map.items.length !== before.keys.length) return false;
    return map.items.every(({ key, value }, index) => {
      const [oldKey, oldValue] = [before.keys[index], before.children[index]];
      return oldKey !== undefined && oldValue !== undefined && isAsBefore(oldKey, key) && this.node(oldValue, value);
    });
  }

  #keptPair(before: Snapshot, position: number, pair: Pair, column: number): boolean {
    const [oldKey, oldValue] = [before.keys[position], before.children[position]];
    if (oldKey === undefined || oldValue === undefined || !isAsBefore(oldKey, pair.key)) return false;
    if (this.node(oldValue, pair.value)) return true;
    if (this.#attempt(() => this.#addKeyComment(oldKey, oldValue, pair.value))) return true;
    const start = oldKey.range?.[0];
    if (start === undefined) return false;
    const printed = this.#printPair(pair, column, false).slice(column).replace(/\n$/, '');
    this.#edits.push({ start, end: this.#endBefore(oldValue, oldKey), text: printed });
    if (!isBareTree(pair.value)) this.#isCertain = false;
    return true;
  }

  /** Puts a new comment beside the key, where the value had none, and changes the rest of the value in place. */
  #addKeyComment(key: Snapshot, before: Snapshot, value: unknown): boolean {
    const comment = keyComment(value);
    const end = lineEnd(this.#text, key.range?.[1] ?? 0);
    const rest = this.#text.slice(key.range?.[1], end);
    if (comment === undefined || !(isMap(value) || isSeq(value)) || !/^$|^##/.test(before.comments)) return false;
    if (commentsOf(value) !== `key#${comment}#${before.comments.slice(2)}`) return false;
    if (!/^[ \t]*:[ \t]*$/.test(rest) || !hasSameForm(before, value)) return false;
    this.#edits.push({ start: end - (rest.length - rest.trimEnd().length), end, text: ` #${comment}` });
    this.#isCertain = false;
    return this.node({ ...before, comments: commentsOf(value) }, value);
  }

  #seq(before: Snapshot, seq: YAMLSeq): boolean {
    if (!isSelfAsBefore(before, seq) || seq.items.length === 0 || before.children.length === 0) return false;
    if (seq.flow) return this.#inBrackets(() => this.#sequenceInBrackets(before, seq));
    const column = columnOf(this.#text, before.range?.[0] ?? 0);
    const [a, b] = [before.children, seq.items];
    let head = 0;
    while (head < a.length && head < b.length && same(a[head], b[head])) head += 1;
    let tail = 0;
    while (tail < Math.min(a.length, b.length) - head && same(a.at(-1 - tail), b.at(-1 - tail))) tail += 1;
    const common = Math.min(a.length, b.length) - tail;
    for (let index = head; index < common; index += 1) {
      const from = a[index];
      if (from === undefined) return false;
      if (!this.node(from, b[index]) && !this.#replaceItem(from, b[index], column)) return false;
    }
    for (let index = common; index < b.length - tail; index += 1) {
      this.#insert(before, common - 1, this.#printItem(b[index], column));
      if (!isBareTree(b[index])) this.#isCertain = false;
    }
    if (common === 0 && b.length > tail && !this.#source.dashStart(a[0])) return false;
    return a.slice(common, a.length - tail).every((item, offset) => this.#remove(before, item, common + offset));
  }

  #sequenceInBrackets(before: Snapshot, seq: YAMLSeq): boolean {
    if (seq.items.length !== before.children.length) return false;
    return before.children.every((child, index) => this.node(child, seq.items[index]));
  }

  #replaceItem(from: Snapshot, item: unknown, column: number): boolean {
    const start = this.#source.dashStart(from);
    if (start === undefined || from.comments !== '') return false;
    const printed = this.#printItem(item, column).replace(/\n$/, '');
    this.#edits.push({ start, end: this.#endBefore(from, from), text: printed });
    if (!isBareTree(item)) this.#isCertain = false;
    return true;
  }

  /** Where a value ends whose lines are replaced or followed by others. */
  #endBefore(value: Snapshot, key: Snapshot): number {
    const end = this.#source.endOf(value, key);
    if (this.#isCertain && this.#source.isBeforeComment(end)) this.#isCertain = false;
    return end;
  }

  #insert(parent: Snapshot, after: number, printed: string): void {
    const previous = parent.children[after];
    if (previous === undefined) {
      const first = parent.keys[0] ?? parent.children[0];
      const start = lineStart(this.#text, first?.range?.[0] ?? 0);
      if (this.#source.isAfterComment(start)) this.#isCertain = false;
      this.#edits.push({ start, end: start, text: printed });
      return;
    }
    const end = this.#endBefore(previous, parent.keys[after] ?? previous);
    this.#edits.push({ start: end, end, text: `\n${printed.replace(/\n$/, '')}` });
  }

  #remove(parent: Snapshot, lead: Snapshot, index: number): boolean {
    const value = parent.children[index];
    if (value === undefined || lead.range === undefined || lead.comments !== '') return false;
    const isItem = parent.kind === 'seq';
    const start = isItem ? this.#source.dashStart(lead) : lineStart(this.#text, lead.range[0]);
    if (start === undefined || (!isItem && !this.#source.startsLine(lead))) return false;
    if (this.#source.isAfterComment(start)) this.#isCertain = false;
    this.#edits.push({ start, end: this.#endBefore(value, lead) + 1, text: '' });
    return true;
  }

  /** A pair on lines of its own; `withLead` includes the comments before its key. */
  #printPair(pair: Pair, column: number, withLead = true): string {
    const key =
      !withLead && isScalar(pair.key) && (pair.key.commentBefore || pair.key.spaceBefore)
        ? Object.assign(pair.key.clone(), { commentBefore: null, spaceBefore: false })
        : pair.key;
    const plain = printPlainPair(key, pair.value, column, this.#indent);
    if (plain !== undefined) return plain;
    const map = new YAMLMap();
    map.items.push(new Pair(key, pair.value));
    return indentLines(printYaml(map, this.#indent), column);
  }

  #printItem(item: unknown, column: number): string {
    const seq = new YAMLSeq();
    seq.items.push(item);
    return indentLines(printYaml(seq, this.#indent), column);
  }
}

function same(a: Snapshot | undefined, node: unknown): boolean {
  return a !== undefined && isAsBefore(a, node);
}
