import { expect, it } from 'vitest';
import { type Scalar, visit } from 'yaml';
import { countReads } from '../testing/count-reads.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import { itemObjects } from './item-objects.ts';
import { parseList } from './resource-list-text.ts';
import { serveResourceList } from './served-resource-list.ts';

const annotations = `      internal.config.kubernetes.io/seqindent: wide
      internal.config.kubernetes.io/annotations-migration-resource-id: "3"
      internal.config.kubernetes.io/path: a.yaml
      config.kubernetes.io/path: a.yaml
      internal.config.kubernetes.io/index: "0"
      config.kubernetes.io/index: "0"
      internal.config.kubernetes.io/id: "1"
      config.k8s.io/id: "1"
`;
const list = `apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: Foo
  metadata:
    name: a
    annotations:
${annotations}  list:
    - x
`;

it('gives back what its sender has noted on the objects, and shows it to no function', () => {
  const { input, print } = serveResourceList(list);
  const [object] = input.items;
  expect(object?.annotations).toEqual({});
  const made = KrmObject.create({ apiVersion: 'v1', kind: 'Bar', metadata: { name: 'b' } });
  const printed = print([...input.items, made], []);
  const [first, second] = serveResourceList(printed).input.items;
  expect([first?.name, second?.name]).toEqual(['a', 'b']);
  const lines = (text: string) => text.match(/^ {6}\S+\/.*$/gm)?.sort();
  expect(lines(printed)).toEqual(lines(list));
});

const header = 'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n';

it.each([
  [
    'comments, wherever they stand',
    '- # head\n  # of it\n  kind: Foo # k\n  metadata: {name: a}\n  data:\n    l:\n    - n: 1 # one\n    # foot\n  #end\n  y: # \n    z: 1\n',
  ],
  [
    'anchors and merges',
    '- kind: Foo\n  metadata: {name: a}\n  a: &a {k: v}\n  b: *a\n  c:\n    !!merge <<: *a\n    l: 1\n',
  ],
  [
    'notations and indentation',
    "- kind: Foo\n  metadata: {name: 'a'}\n  s: >-\n    x\n    y\n  l:\n    - 0x1F\n- {kind: Foo, metadata: {name: b}, v: [1,2]}\n",
  ],
])('prints what no function has changed as it came: %s', (_, items) => {
  const { input, print } = serveResourceList(`${header}functionConfig:\n  l:\n  - x\nitems:\n${items}`);
  expect(input.config?.toJS()).toEqual({ l: ['x'] });
  expect(print(input.items, [])).toBe(`${header}items:\n${items}`);
});

it('knows what an alias of another object stands for', () => {
  const { input, print } = serveResourceList(
    `${header}items:\n- kind: Foo\n  metadata: {name: a}\n  a: &a {k: v}\n- kind: Foo\n  metadata: {name: b}\n  a: *a\n`,
  );
  expect(input.items.map((item) => item.get(['a']))).toEqual([{ k: 'v' }, { k: 'v' }]);
  expect(print(input.items, [])).toBe(
    `${header}items:\n- kind: Foo\n  metadata: {name: a}\n  a: &a {k: v}\n- kind: Foo\n  metadata: {name: b}\n  a: {k: v}\n`,
  );
});

it('looks for what aliases stand for once, however many objects there are', () => {
  const objects = Array.from(
    { length: 300 },
    (_, index) => `- kind: Foo\n  metadata: {name: &n${index} a}\n  a: *n${index}\n`,
  );
  const list = parseList(`${header}items:\n${objects.join('')}`);
  const anchored: Scalar[] = [];
  visit(list.document, {
    Scalar(_, scalar) {
      if (scalar.anchor) anchored.push(scalar);
    },
  });
  const reads = countReads(anchored, 'anchor');
  expect(itemObjects(list).map((item) => item.getString(['a']))).toEqual(Array(300).fill('a'));
  expect(reads()).toBeLessThan(10_000);
});
