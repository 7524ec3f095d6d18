import { describe, expect, it } from 'vitest';
import { KrmObject } from '../yaml/krm-object.ts';
import { parseResources, printFile } from '../yaml/resource-file.ts';
import { readResourceList, writeResourceList } from './resource-list.ts';

const file = `# Head

# second
apiVersion: v1 # x
kind: ConfigMap
metadata: # kpt-merge: a/b
  name: a
  annotations:
    x:   "y"
data:
  n: &a "1"
  m: *a
  big: 123456789012345678901234567890
  float: 1.0
  list:
    - name: a # la
      v: 1
    # before b
    - {name: b, v: 2}
  text: |
    x

    # no comment
   # after it
# end
---
# second document
apiVersion: v1
kind: B
metadata: {name: b}
`;

function objects(text = file): KrmObject[] {
  return parseResources('a.yaml', text).map((document, index) => {
    const object = new KrmObject(document, 'a.yaml', index);
    object.packagePath = '';
    return object;
  });
}

/** The file after a function that edits the text of its ResourceList. */
function after(edit: (list: string) => string): string {
  const items = objects();
  const answer = readResourceList(edit(writeResourceList({ items, config: undefined })), items);
  return printFile(
    'a.yaml',
    answer.items.map(({ source }) => source),
  );
}

describe('a ResourceList', () => {
  it('that comes back as it was sent changes no byte', () => {
    expect(after((list) => list)).toBe(file);
  });

  it.each(['{}', '~', '', '{} # none', '~ # none'])('keeps annotations that hold nothing: %s', (written) => {
    const text = `apiVersion: v1\nkind: A\nmetadata:\n  name: a\n  annotations: ${written}\n  labels: {a: b}\n`;
    const items = objects(text);
    const answer = readResourceList(writeResourceList({ items, config: undefined }), items);
    expect(
      printFile(
        'a.yaml',
        answer.items.map(({ source }) => source),
      ),
    ).toBe(text);
  });

  it.each([
    ['a blank line', '\napiVersion: v1\nkind: A\nmetadata:\n  name: a\n'],
    ['blank lines, with blanks in them', '  \n\n\t\napiVersion: v1\nkind: A\nmetadata:\n  name: a\n'],
    ['a marker and a blank line', '---\n\napiVersion: v1\nkind: A\nmetadata:\n  name: a\n'],
    ['blank lines with line ends of Windows', '\r\n\r\napiVersion: v1\r\nkind: A\r\nmetadata:\r\n  name: a\r\n'],
    ['a blank line, and is indented', '\n  apiVersion: v1\n  kind: A\n  metadata:\n    name: a\n'],
    ['a blank line and a comment', '\n# why\n\napiVersion: v1\nkind: A\nmetadata:\n  name: a\n'],
    ['fields, and ends within a block', 'apiVersion: v1\nkind: A\nmetadata:\n  name: a\ndata:\n  a: |\n    b'],
  ])('of a file that begins with %s can be read and changes no byte', (_, text) => {
    const items = objects(text);
    const answer = readResourceList(writeResourceList({ items, config: undefined }), items);
    expect(answer.items.map(({ kind }) => kind)).toEqual(['A']);
    expect(
      printFile(
        'a.yaml',
        answer.items.map(({ source }) => source),
      ),
    ).toBe(text);
  });

  it('that comes back without comments, in another order and style, changes no byte', () => {
    expect(
      after((list) => {
        const [copy] = parseResources('l', list);
        return JSON.stringify({ kind: 'ResourceList', items: copy?.document.toJS().items.toReversed() }, null, 2);
      }).replace(/123456789012345680000000000000|1.2345678901234568e\+29/, '123456789012345678901234567890'),
    ).toContain('metadata: # kpt-merge: a/b');
  });

  it('changes the lines that differ, and takes comments on them', () => {
    const changed = after((list) =>
      list
        .replace('- name: a # la', '- name: z\n      - name: a # set')
        .replace('v: 2', 'v: 3')
        .replace('{name: b, annotations', '{name: b, labels: {q: r}, annotations')
        .replace('apiVersion: v1 # x', 'apiVersion: v2 # x'),
    );
    expect(changed).toBe(
      file
        .replace('    - name: a # la', '    - name: z\n    - name: a # set')
        .replace('v: 2', 'v: 3')
        .replace('metadata: {name: b}', 'metadata: {name: b, labels: {q: r}}')
        .replace('apiVersion: v1 # x', 'apiVersion: v2 # x'),
    );
  });

  it('keeps objects apart by what they were given, whatever they are called afterwards', () => {
    const items = objects();
    const list = writeResourceList({ items, config: undefined }).replace(
      '{name: b, annotations',
      '{name: other, annotations',
    );
    const answer = readResourceList(list, items);
    expect(answer.items).toEqual([items[0], items[1]]);
    expect(items[1]?.name).toBe('other');
  });

  it('has the configuration, strings in quotes', () => {
    const config = KrmObject.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: '5' } });
    const list = writeResourceList({ items: [], config });
    expect(list).toBe(
      'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig:\n' +
        '  apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: c\n  data:\n    a: "5"\n',
    );
  });
});

describe('what a function answers', () => {
  const answer = (text: string, items = objects()) => readResourceList(text, items);

  it.each([
    ['a sequence', 'results:\n- {message: m, severity: error, field: {path: a, currentValue: 3, proposedValue: [b]}}'],
    [
      'the older form',
      'results: {items: [{message: m, severity: error, field: {path: a, currentValue: 3, suggestedValue: [b]}}]}',
    ],
  ])('may report in %s', (_, results) => {
    expect(answer(`kind: List\nitems: []\n${results}\n`).results).toEqual([
      { message: 'm', severity: 'error', field: { path: 'a', currentValue: '3', proposedValue: '["b"]' } },
    ]);
  });

  it('may name objects in an older way, and report nonsense', () => {
    const { results } = answer(
      'kind: ResourceList\nitems: []\nresults:\n- resourceRef: {kind: A, metadata: {name: a, namespace: b}}\n- 5\n',
    );
    expect(results).toEqual([{ message: '', resourceRef: { kind: 'A', name: 'a', namespace: 'b' } }, { message: '' }]);
  });

  it('moves objects by either annotation, but not by both to different files', () => {
    const move = (legacy: string, modern: string) => {
      const items = objects();
      const list = writeResourceList({ items, config: undefined });
      readResourceList(
        list
          .replace(
            '      internal.config.kubernetes.io/path: a.yaml',
            `      internal.config.kubernetes.io/path: ${modern}`,
          )
          .replace('      config.kubernetes.io/path: a.yaml', `      config.kubernetes.io/path: ${legacy}`),
        items,
      );
      return items[0]?.path;
    };
    expect(move('b.yaml', 'a.yaml')).toBe('b.yaml');
    expect(move('a.yaml', 'b.yaml')).toBe('b.yaml');
    expect(() => move('b.yaml', 'c.yaml')).toThrow('changed differently: c.yaml and b.yaml');
  });

  it.each([
    ['nothing', '', 'it is no ResourceList'],
    ['a scalar', 'x', 'it is no ResourceList'],
    ['items that are none', 'kind: ResourceList\nitems: 5\n', 'items of the ResourceList are no sequence'],
    ['an item that is none', 'kind: ResourceList\nitems: [5]\n', 'item 0 of the ResourceList is no mapping'],
    [
      'aliases without end',
      `kind: ResourceList\nx: [&a [${'1,'.repeat(400)}], &b [${'*a,'.repeat(400)}]]\nitems: [{a: *b}]\n`,
      'too many nodes',
    ],
  ])('is refused where it is %s', (_, text, message) => {
    expect(() => answer(text)).toThrow(message);
  });
});
