import { expect, it } from 'vitest';
import { KrmObject } from '../yaml/krm-object.ts';
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
