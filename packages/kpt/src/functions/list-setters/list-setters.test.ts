import { expect, it } from 'vitest';
import { objectsOf, runFunction } from '../../testing/run-function.ts';
import { listSetters } from './list-setters.ts';

const head = 'apiVersion: v1\nkind: Foo\nmetadata:\n  name: a\n';

function list(...files: readonly (readonly [string, string])[]): string[] {
  const items = files.flatMap(([path, text]) => objectsOf(text, path));
  return listSetters.run({ items, config: undefined }).results.map(({ message }) => message);
}

it.each([
  ['x: 3 # kpt-set: ${n}\n', ['Name: n, Value: 3, Type: int, Count: 1']],
  ['x: 3 # kpt-set: ${n}\ny: 3 # kpt-set: ${n}\n', ['Name: n, Value: 3, Type: int, Count: 2']],
  ['x: 1.5 # kpt-set: ${n}\n', ['Name: n, Value: 1.5, Type: float, Count: 1']],
  ['x: true # kpt-set: ${n}\n', ['Name: n, Value: true, Type: bool, Count: 1']],
  ['x: "3" # kpt-set: ${n}\n', ['Name: n, Value: 3, Type: str, Count: 1']],
  [
    'x: a:3 # kpt-set: ${i}:${t}\ny: 3 # kpt-set: ${t}\n',
    ['Name: i, Value: a, Type: str, Count: 1', 'Name: t, Value: 3, Type: int, Count: 2'],
  ],
  ['x: # kpt-set: ${l}\n- b\n- a\n', ['Name: l, Value: [a, b], Type: array, Count: 1']],
  ['x: [b, a] # kpt-set: ${l}\n', ['Name: l, Value: [a, b], Type: array, Count: 1']],
  ['x: y # kpt-set: ${i}:${t}\n', ['no setters found']],
  ['x: y # other\n', ['no setters found']],
  ['x: null # kpt-set: ${n}\n', ['Name: n, Value: null, Type: null, Count: 1']],
  ['x: # kpt-set: ${n}\n', ['no setters found']],
])('%j has %j', (fields, messages) => {
  expect(list(['resources.yaml', head + fields])).toEqual(messages);
});

it('warns where there are none', () => {
  expect(runFunction(listSetters, head).results).toEqual([{ message: 'no setters found', severity: 'warning' }]);
});

it('merges what the Kptfile gives with what comments name', () => {
  const kptfile = `apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: a
pipeline:
  mutators:
  - image: apply-setters:v0.2
    configPath: ./setters.yaml
  - image: set-labels:v0.2
    configMap: {no: setter}
  - image: apply-setters:v0.2
    configMap: {n: "5", l: "[x, b]"}
`;
  const setters = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: s\ndata:\n  n: "4"\n  unused: u\n';
  expect(
    list(
      ['Kptfile', kptfile],
      ['setters.yaml', setters],
      ['r.yaml', `${head}x: 3 # kpt-set: \${n}\ny: [q] # kpt-set: \${l}\n`],
    ),
  ).toEqual([
    'Name: l, Value: [x, b], Type: array, Count: 1',
    'Name: n, Value: 5, Type: int, Count: 1',
    'Name: unused, Value: u, Type: str, Count: 0',
  ]);
});
