import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Document, isMap, isSeq, type Node, parseDocument } from 'yaml';
import { assignValue, type FieldValue, keyText, setAt, setKey } from './node-edits.ts';
import { patchText } from './patch-text.ts';
import { printDocument } from './print-document.ts';
import { ResourceDocument } from './resource-document.ts';
import { sameContent } from './snapshot.ts';

/** Sources of decisions: the same numbers make the same document and the same edits. */
type Choose = (below: number) => number;

const words = ['a', 'bc', 'd-e', 'f.g', 'x/y', 'on', '8080', '1.10', '"q q"', "'it''s'", '"a: b"', 'v:1', 'null', '~'];
const keys = ['a', 'b', 'name', 'c.d', 'e/f', 'no', '"q"'];

/** Lines of a block mapping or sequence, with comments and blank lines wherever they may stand. */
function block(choose: Choose, column: number, depth: number): string {
  const pad = ' '.repeat(column);
  const isSequence = depth < 3 && choose(4) === 0;
  let text = '';
  for (let index = 0; index <= choose(4); index += 1) {
    if (choose(6) === 0) text += `${' '.repeat(choose(2) * (column + 2))}# lead ${choose(9)}\n`;
    if (choose(8) === 0) text += '\n';
    const start = isSequence ? `${pad}-` : `${pad}${keys[(index + depth) % keys.length]}:`;
    text += start + value(choose, column, depth, isSequence);
    if (choose(10) === 0) text += `${pad}  # trail\n`;
  }
  return text;
}

function value(choose: Choose, column: number, depth: number, inSequence: boolean): string {
  const comment = choose(5) === 0 ? ` # line ${choose(9)}` : '';
  const kind = choose(depth < 4 ? 9 : 6);
  if (kind < 4) return ` ${words[choose(words.length)]}${comment}\n`;
  if (kind === 4) return choose(2) === 0 ? ` {k: v, l: [1, "2"]}${comment}\n` : ` [a,  b ]${comment}\n`;
  if (kind === 5)
    return ` ${choose(2) === 0 ? '|' : '>-'}\n${' '.repeat(column + 4)}one\n${' '.repeat(column + 4)}two\n`;
  const inner = block(choose, column + 2, depth + 1);
  return inSequence && !inner.startsWith('#') ? ` ${inner.trimStart()}` : `${comment}\n${inner}`;
}

const values: readonly FieldValue[] = [
  'new',
  'x: y',
  'a, b]',
  '',
  '# no',
  'l1\nl2\n',
  'end\n\n',
  7,
  true,
  null,
  [],
  ['i', { j: 'k' }],
  { k: 'v' },
  { k: { l: 'on' } },
];

function changeSomewhere(document: Document, choose: Choose): void {
  let node: Node | null = document.contents;
  for (;;) {
    const items: readonly unknown[] = isMap(node)
      ? node.items.map((pair) => pair.value)
      : isSeq(node)
        ? node.items
        : [];
    const next = items[choose(items.length + 1)];
    if (!isMap(next) && !isSeq(next)) break;
    node = next;
  }
  const wanted = values[choose(values.length)] ?? null;
  const action = choose(4);
  if (isMap(node)) {
    const pair = node.items[choose(node.items.length)];
    if (action === 0) setKey(document, node, `new${choose(9)}`, wanted);
    else if (action === 1) node.items = node.items.filter((each) => each !== pair);
    else if (pair !== undefined) setKey(document, node, keyText(pair.key), wanted);
  } else if (isSeq(node)) {
    const index = choose(node.items.length);
    if (action === 0) node.items.push(document.createNode(wanted));
    else if (action === 1) node.items.splice(index, 1);
    else node.items[index] = assignValue(document, node.items[index], wanted).node;
  }
}

/** A document with edits somewhere in it; undefined where the generated text is no YAML. */
function changedDocument(numbers: fc.Stream<number>, edits: number): ResourceDocument | undefined {
  const choose: Choose = (below) => numbers.next().value % below;
  const resource = ResourceDocument.parse(block(choose, 0, 0));
  if (resource.errors.length > 0) return undefined;
  for (let index = 0; index < edits; index += 1) changeSomewhere(resource.document, choose);
  return resource;
}

const parameters = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 400) };
const numbers = fc.infiniteStream(fc.nat(5039));
const edits = fc.integer({ min: 1, max: 3 });

function parse(text: string): Document {
  return parseDocument(text, { logLevel: 'error', uniqueKeys: false, compat: 'yaml-1.1' }) as Document;
}

describe('a text that was changed in places', () => {
  it('says what the nodes say where that is certain', () => {
    let certain = 0;
    fc.assert(
      fc.property(numbers, edits, (stream, count) => {
        const resource = changedDocument(stream, count);
        const { document, origin } = resource ?? {};
        const patched = document && origin && patchText(origin.text, origin.snapshot, document, 'compact');
        if (document === undefined || !patched?.isCertain) return;
        certain += 1;
        const parsed = parse(patched.text);
        expect(parsed.errors, `${origin?.text}\n=>\n${patched.text}`).toEqual([]);
        expect(sameContent(parsed, document), `${origin?.text}\n=>\n${patched.text}`).toBe(true);
      }),
      parameters,
    );
    expect(certain).toBeGreaterThan(parameters.numRuns / 10);
  });

  it('has the values of the nodes in any case', () => {
    fc.assert(
      fc.property(numbers, edits, (stream, count) => {
        const resource = changedDocument(stream, count);
        if (resource === undefined || resource.document.contents === null) return;
        const printed = printDocument(resource);
        const parsed = parse(printed);
        expect(parsed.errors, `${resource.origin?.text}\n=>\n${printed}`).toEqual([]);
        expect(parsed.toJS() ?? {}, `${resource.origin?.text}\n=>\n${printed}`).toEqual(resource.document.toJS());
      }),
      parameters,
    );
  });

  it('holds what comes after a line that goes', () => {
    const resource = ResourceDocument.parse('a:\n  b:\n    c: 1\n    d: 2\n  e: 3\nf: 4\n');
    const { document } = resource;
    document.deleteIn(['a', 'b', 'd']);
    document.deleteIn(['a', 'e']);
    setAt(document, ['a', 'b', 'new'], 5);
    setAt(document, ['a', 'newer'], 6);
    expect(printDocument(resource)).toBe('a:\n  b:\n    c: 1\n    new: 5\n  newer: 6\nf: 4\n');
    const last = ResourceDocument.parse('a:\n  b:\n    c: 1\n    d: 2');
    last.document.deleteIn(['a', 'b', 'd']);
    setAt(last.document, ['e'], 5);
    expect(printDocument(last).trimEnd()).toBe('a:\n  b:\n    c: 1\ne: 5');
  });

  it('holds what comes after a mapping whose first key is in brackets', () => {
    for (const key of ['[x]', '{x: y}', '{{ .name }}']) {
      const resource = ResourceDocument.parse(`a:\n  b:\n    ${key}: 1\n    t: |\n      l\n  c: 3\nd: 4\n`);
      setAt(resource.document, ['a', 'b'], 'v');
      expect(printDocument(resource)).toBe('a:\n  b: v\n  c: 3\nd: 4\n');
    }
  });

  it('is certain where no comment stands beside the change', () => {
    const text = 'metadata:\n  name: x # here\n  labels:\n    app: x\nspec: {}\n';
    const { document, origin } = ResourceDocument.parse(text);
    setAt(document, ['metadata', 'labels', 'tier'], 'front');
    expect(origin && patchText(text, origin.snapshot, document, 'compact')).toEqual({
      text: text.replace('app: x\n', 'app: x\n    tier: front\n'),
      isCertain: true,
    });
  });

  it('is not certain where one does, or where an anchor is in the text', () => {
    for (const text of ['a: 1\nb: 2\n# end\nc: 3\n', 'a: &x 1\nb: 2\nc: *x\n']) {
      const { document, origin } = ResourceDocument.parse(text);
      document.deleteIn(['b']);
      expect(origin && patchText(text, origin.snapshot, document, 'compact')?.isCertain).toBe(false);
    }
  });
});
