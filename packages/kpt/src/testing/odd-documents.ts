import { isMap } from 'yaml';
import type { FieldValue } from '../yaml/node-edits.ts';
import { ResourceDocument } from '../yaml/resource-document.ts';

/** A source of decisions: a number below another. The same numbers make the same document and the same change. */
export type Choose = (below: number) => number;

const scalars = ['a', 'x y', '"q"', "'s'", '1', '1.10', 'true', '~', 'yes', '0644', '1e3', '[1, {k: v}]', '{k: v}', ''];
const blocks = ['|\n@  l1\n@  l2\n', '>-\n@  f1\n@  f2\n'];
const keys = ['a', 'b', 'name', 'c.d', '"q k"', 'e', 'f'];

/** A mapping with comments, anchors, aliases and merge keys wherever they may stand; undefined where the text came out wrong. */
export function oddDocument(choose: Choose): ResourceDocument | undefined {
  const text = new Writer(choose).block(0, 0);
  const resource = ResourceDocument.parse(choose(2) === 0 ? text : text.replaceAll('\n', '\r\n'));
  return resource.errors.length === 0 && isMap(resource.document.contents) ? resource : undefined;
}

class Writer {
  readonly #choose: Choose;
  readonly #anchors: string[] = [];
  readonly #maps: string[] = [];
  #count = 0;

  constructor(choose: Choose) {
    this.#choose = choose;
  }

  block(column: number, depth: number): string {
    const pad = ' '.repeat(column);
    const isSequence = depth > 0 && this.#choose(4) === 0;
    const used = new Set<string>();
    let text = '';
    for (let index = 0; index <= this.#choose(4); index += 1) {
      if (this.#choose(7) === 0) text += `${pad}# lead ${index}\n`;
      const key = this.#mergeKey(isSequence, used) ?? keys[(index * 3 + this.#choose(7)) % 7] ?? '';
      if (isSequence) text += `${pad}-${this.#value(column, depth, true)}`;
      else if (!used.has(key)) text += `${pad}${key}:${this.#value(column, depth, false, key === '<<')}`;
      used.add(key);
    }
    return text;
  }

  #mergeKey(isSequence: boolean, used: ReadonlySet<string>): string | undefined {
    return !isSequence && this.#maps.length > 0 && !used.has('<<') && this.#choose(6) === 0 ? '<<' : undefined;
  }

  #value(column: number, depth: number, inSequence: boolean, isMerge = false): string {
    const comment = this.#choose(5) === 0 ? ' # line' : '';
    if (isMerge) return ` *${this.#maps[this.#choose(this.#maps.length)]}${comment}\n`;
    const kind = this.#choose(10);
    if (kind < 2 && this.#anchors.length > 0) {
      return ` *${this.#anchors[this.#choose(this.#anchors.length)]}${comment}\n`;
    }
    if (kind === 2) return ` ${blocks[this.#choose(2)]?.replaceAll('@', ' '.repeat(column))}`;
    if (kind < 6 || depth > 3) {
      const anchor = this.#choose(4) === 0 ? ` &${this.#anchor()}` : '';
      return `${anchor} ${scalars[this.#choose(scalars.length)]}${comment}\n`;
    }
    const inner = this.block(column + 2, depth + 1);
    if (inSequence) return inner.startsWith(' '.repeat(column + 2)) ? ` ${inner.trimStart()}` : `\n${inner}`;
    if (this.#choose(3) !== 0 || /^ *(?:- |#)/.test(inner)) return `${comment}\n${inner}`;
    const name = this.#anchor();
    this.#maps.push(name);
    return ` &${name}${comment}\n${inner}`;
  }

  #anchor(): string {
    const name = `x${this.#count}`;
    this.#count += 1;
    this.#anchors.push(name);
    return name;
  }
}

const values: readonly FieldValue[] = [
  'new',
  'l1\nl2',
  '',
  5,
  null,
  true,
  [],
  {},
  ['x'],
  { k: 'v', name: 'n' },
  'yes',
  2.5,
];

/** A value with one change somewhere in it. */
export function changedValue(value: unknown, choose: Choose): unknown {
  const made = values[choose(values.length)];
  const inside = (old: unknown) => (choose(3) > 0 ? changedValue(old, choose) : made);
  const action = choose(5);
  if (Array.isArray(value)) {
    const index = choose(value.length);
    if (action === 0) return [...value, made];
    if (action === 1) return value.toReversed();
    if (action === 2) return value.toSpliced(index, 1);
    return value.map((item: unknown, at) => (at === index ? inside(item) : item));
  }
  if (typeof value !== 'object' || value === null) return made;
  const entries = Object.entries(value);
  const index = choose(entries.length);
  if (action === 0) return { ...value, [`new${choose(3)}`]: made };
  if (action === 1) return Object.fromEntries(entries.toSpliced(index, 1));
  return Object.fromEntries(entries.map(([key, item], at) => [key, at === index ? inside(item) : item]));
}
