import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { configMap, type Files, unmarked, upgrade } from './upgrade.test-support.ts';

function merge(old: string, updated: string, local: string, more: Files = {}): string {
  const version = (text: string) => ({ ...more, 'a.yaml': text });
  const files = upgrade('resource-merge', { old: version(old), updated: version(updated), local: version(local) });
  return unmarked(files.get('a.yaml')) ?? '';
}

function data(text: string): unknown {
  return (parse(text) as { data?: unknown }).data;
}

const cases: [rule: string, old: string[], updated: string[], local: string[], result: unknown][] = [
  ['upstream changed a field', ['a: one', 'z: 1'], ['a: two', 'z: 1'], ['a: one', 'z: 2'], { a: 'two', z: 2 }],
  ['upstream added a field', ['z: 1'], ['a: two', 'z: 1'], ['z: 2'], { a: 'two', z: 2 }],
  ['upstream added a field without a value', ['z: 1'], ['a:', 'z: 1'], ['z: 2'], { a: null, z: 2 }],
  ['upstream removed a field', ['a: one', 'z: 1'], ['z: 1'], ['a: one', 'z: 2'], { z: 2 }],
  ['upstream removed an empty mapping', ['m: {}', 'z: 1'], ['z: 1'], ['m: {}', 'z: 2'], { z: 2 }],
  ['upstream removed a mapping of an empty one', ['m: {n: {}}', 'z: 1'], ['z: 1'], ['m: {n: {}}', 'z: 2'], { z: 2 }],
  [
    'upstream wrote a comment to an empty mapping that was removed locally',
    ['m: {n: {}, o: 1}', 'z: 1'],
    ['m:', '  n: {} # why', '  o: 1', 'z: 1'],
    ['z: 2'],
    { z: 2 },
  ],
  ['upstream removed a field that is changed locally', ['a: one', 'z: 1'], ['z: 1'], ['a: mine', 'z: 1'], { z: 1 }],
  ['both changed a field: upstream wins', ['a: one'], ['a: two'], ['a: three'], { a: 'two' }],
  ['both added a field: upstream wins', ['z: 1'], ['z: 1', 'a: two'], ['z: 1', 'a: three'], { z: 1, a: 'two' }],
  ['a field was added locally', ['a: one'], ['a: two'], ['a: one', 'b: mine'], { a: 'two', b: 'mine' }],
  ['a field was removed locally', ['a: one', 'b: 1'], ['a: two', 'b: 1'], ['a: one'], { a: 'two' }],
  ['removed locally, changed upstream', ['a: one', 'b: 1'], ['a: one', 'b: 2'], ['a: one'], { a: 'one', b: 2 }],
  ['null locally removes', ['a: one', 'b: 1'], ['a: two', 'b: 1'], ['a: one', 'b: null'], { a: 'two' }],
  ['null locally wins over a change', ['a: one', 'b: 1'], ['a: two', 'b: 2'], ['a: one', 'b: null'], { a: 'two' }],
  ['null locally wins over an addition', ['a: one'], ['a: two', 'b: 2'], ['a: one', 'b: null'], { a: 'two' }],
  ['null upstream wins over an addition', ['a: one'], ['a: two', 'b: null'], ['a: one', 'b: 2'], { a: 'two' }],
  ['null upstream removes', ['a: one', 'b: 1'], ['a: one', 'b: null'], ['a: one', 'b: mine'], { a: 'one' }],
  ['a null that nobody changed stays', ['a: 1', 'b:'], ['a: 2', 'b:'], ['a: 1', 'b:', 'c: 3'], { a: 2, b: null, c: 3 }],
  [
    'a null that was filled in locally keeps its value',
    ['a:', 'b: 1'],
    ['a:', 'b: 2'],
    ['a: x', 'b: 1'],
    { a: 'x', b: 2 },
  ],
  [
    'a null that upstream filled in takes its value',
    ['a:', 'b: 1'],
    ['a: x', 'b: 1'],
    ['a:', 'b: 2'],
    { a: 'x', b: 2 },
  ],
  ['a null that upstream removed goes', ['a:', 'b: 1'], ['b: 1'], ['a:', 'b: 2'], { b: 2 }],
  ['a null that was removed locally stays away', ['a:', 'b: 1'], ['a:', 'b: 2'], ['b: 1'], { b: 2 }],
  ['both filled in a null: upstream wins', ['a:', 'b: 1'], ['a: x', 'b: 1'], ['a: y', 'b: 2'], { a: 'x', b: 2 }],
  ['a plain list is atomic', ['a: [x, y]'], ['a: [x, z]'], ['a: [x, y, mine]'], { a: ['x', 'z'] }],
  [
    'a plain list changed locally',
    ['a: [x]', 'b: 1'],
    ['a: [x]', 'b: 2'],
    ['a: [mine]', 'b: 1'],
    { a: ['mine'], b: 2 },
  ],
  ['a field became a mapping', ['a: x'], ['a: {b: 1}'], ['a: mine'], { a: { b: 1 } }],
  [
    'mappings merge below',
    ['m: {a: 1, b: 1}'],
    ['m: {a: 2, b: 1}'],
    ['m: {a: 1, b: 3, c: 4}'],
    { m: { a: 2, b: 3, c: 4 } },
  ],
  [
    'a mapping that upstream removed keeps what is local',
    ['m: {a: 1}', 'z: 1'],
    ['z: 1'],
    ['m: {a: 1, b: 2}', 'z: 1'],
    { m: { b: 2 }, z: 1 },
  ],
  ['what is left of a mapping that upstream removed goes', ['m: {a: 1, b: 2}'], ['z: 1'], ['m: {a: 1}'], { z: 1 }],
  ['a mapping that upstream emptied stays, empty', ['m: {a: 1}'], ['m: {}'], ['m: {a: 1}', 'z: 1'], { m: {}, z: 1 }],
];

it.each(cases)('%s', (_, old, updated, local, result) => {
  const merged = merge(configMap('c', ...old), configMap('c', ...updated), configMap('c', ...local));
  expect(data(merged)).toEqual(result);
});

it('keeps comments of both sides, quotes and order', () => {
  const old = configMap('c', 'a: "1"', '# before b', 'b: two # setter', 'c: 3');
  const updated = configMap('c', 'a: "1"', '# changed', 'b: two # other setter', 'fresh: new # with comment', 'c: 4');
  const local = configMap('c', '# mine', "a: '1' # mine", '# before b', 'b: mine # setter', 'c: 3 # three');
  expect(merge(old, updated, local)).toBe(
    configMap(
      'c',
      '# mine',
      "a: '1' # mine",
      '# changed',
      'b: mine # other setter',
      'fresh: new # with comment',
      'c: 4 # three',
    ),
  );
});

it.each<[what: string, old: string[], updated: string[], local: string[], merged: string[]]>([
  [
    'comments beside lists and mappings in brackets are taken from upstream where nothing else has changed',
    ['l: [a] # one', 'm: {a: 1} # one'],
    ['l: [a] # two', 'm: {a: 1} # two'],
    ['l: [a] # one', 'm: {a: 1} # one', 'z: 1'],
    ['l: [a] # two', 'm: {a: 1} # two', 'z: 1'],
  ],
  [
    'a comment beside a block that upstream emptied stands once',
    ['m: # why', '  a: 1', 'z: 1'],
    ['m: {} # why', 'z: 1'],
    ['m: # why', '  a: 1', '  b: 2', 'z: 1'],
    ['m: # why', '  b: 2', 'z: 1'],
  ],
  [
    'the comment beside a block that is emptied stays, once, and those in it go',
    ['m: # why', '  # about a', '  a: 1', 'z: 1'],
    ['m: {} # why', 'z: 1'],
    ['m: # why', '  # about a', '  a: 1', 'z: 2'],
    ['m: {} # why', 'z: 2'],
  ],
  [
    'comments of elements that stand twice are not mixed up',
    ['l:', '- a # one', '- a'],
    ['l:', '- a # one', '- a', '- b'],
    ['l:', '- a # one', '- c'],
    ['l:', '- a # one', '- a', '- b'],
  ],
  [
    'a comment beside an empty mapping stays beside the key when upstream fills it',
    ['m: {} # why'],
    ['m: # why', '  a: 1'],
    ['m: {} # mine'],
    ['m: # mine', '  a: 1'],
  ],
  [
    'a comment beside a mapping in brackets is that of a block with another style',
    ['m: {a: 1} # why', 'z: 1'],
    ['m: {a: 1, b: 2} # new', 'z: 1'],
    ['m: # why', '  a: 1', '  c: 3', 'z: 1'],
    ['m: # new', '  a: 1', '  b: 2', '  c: 3', 'z: 1'],
  ],
  [
    'a comment above the field behind a list stays when upstream changes the list',
    ['l:', '- a', 'z: 1'],
    ['l:', '- b', 'z: 1'],
    ['l:', '- a', '# about z', 'z: 1'],
    ['l:', '- b', '# about z', 'z: 1'],
  ],
  [
    'a comment beside the key of a list stays when upstream changes the list',
    ['l:', '- a'],
    ['l:', '- b'],
    ['l: # mine', '- a'],
    ['l: # mine', '- b'],
  ],
  [
    'comments above elements go with them, whichever is the first',
    ['l:', '# about b', '- b', '- c'],
    ['l:', '# about b', '- b', '- c', '- d'],
    ['l:', '# about a', '- a', '# about b', '- b', '- c'],
    ['l:', '# about b', '- b', '- c', '- d'],
  ],
  [
    'a comment above the first element that was written locally stays',
    ['l:', '- b'],
    ['l:', '- b', '- d'],
    ['l:', '# about b', '- b'],
    ['l:', '# about b', '- b', '- d'],
  ],
  [
    'a comment that was removed locally stays away when upstream changes the text',
    ['a: one # why', 'z: 1'],
    ['a: two # why', 'z: 1'],
    ['a: one', 'z: 2'],
    ['a: two', 'z: 2'],
  ],
])('%s', (_, old, updated, local, merged) => {
  expect(merge(configMap('c', ...old), configMap('c', ...updated), configMap('c', ...local))).toBe(
    configMap('c', ...merged),
  );
});

it('keeps the merge key of a resource whose metadata upstream writes in another style', () => {
  const text = (metadata: string, value: string) =>
    `apiVersion: v1\nkind: ConfigMap\n${metadata}\ndata: {a: ${value}}\n`;
  const files = upgrade('resource-merge', {
    old: { 'a.yaml': text('metadata: {name: a}', 'one') },
    updated: { 'a.yaml': text('metadata:\n  name: a\n  labels:\n    x: y', 'two') },
    local: { 'a.yaml': text('metadata: {name: mine} # kpt-merge: /a', 'one') },
  });
  expect(files.get('a.yaml')).toMatch(/^metadata: \{name: mine, .*\} # kpt-merge: \/a$/m);
});

const container = (name: string, image: string, ...more: string[]) =>
  [`      - name: ${name}`, `        image: ${image}`, ...more.map((line) => `        ${line}`)].join('\n');
const deployment = (...containers: string[]) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d\nspec:\n  template:\n    spec:\n      containers:\n${containers.join('\n')}\n`;
const containers = (text: string): unknown =>
  (parse(text) as { spec: { template: { spec: { containers: unknown } } } }).spec.template.spec.containers;

it('merges containers by name, in the local order', () => {
  const old = deployment(container('a', 'a:1'), container('gone', 'g:1'), container('dropped', 'd:1'));
  const updated = deployment(container('a', 'a:2'), container('new', 'n:1'), container('dropped', 'd:1'));
  const local = deployment(container('mine', 'm:1'), container('a', 'a:1', 'tty: true'), container('gone', 'g:1'));
  expect(containers(merge(old, updated, local))).toEqual([
    { name: 'mine', image: 'm:1' },
    { name: 'a', image: 'a:2', tty: true },
    { name: 'new', image: 'n:1' },
  ]);
});

it('takes what upstream has in the place of an empty volume', () => {
  const pod = (volume: string, image = 'x') =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    image: ${image}\n  volumes:\n  - name: v\n    ${volume}\n`;
  const claim = 'persistentVolumeClaim: {claimName: c}';
  const merged = parse(merge(pod('emptyDir: {}'), pod(claim), pod('emptyDir: {}', 'mine')));
  expect(merged.spec).toEqual(parse(pod(claim, 'mine')).spec);
});

it('puts no comment of an element in brackets beside what stands above the element', () => {
  const inBrackets = (image: string, comment: string) => deployment(`      - {name: a, image: ${image}} # ${comment}`);
  const merged = merge(
    inBrackets('a:1', 'one'),
    inBrackets('a:2', 'two'),
    deployment(container('a', 'a:1', 'tty: true')),
  );
  expect(merged).toContain(`      containers:\n${container('a', 'a:2', 'tty: true')}`);
});

it('merges a resource in brackets into one that stands in lines', () => {
  const inBrackets = (value: string, comment: string) =>
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: ${value}}} # ${comment}\n`;
  const merged = merge(inBrackets('one', 'x'), inBrackets('two', 'y'), configMap('c', 'a: one', 'b: mine'));
  expect(data(merged)).toEqual({ a: 'two', b: 'mine' });
  expect(merged).toMatch(/^apiVersion: v1\n/);
});

it('merges ports by port and protocol, TCP where it is not said', () => {
  const ports = (...lines: string[]) =>
    deployment(container('a', 'a:1', 'ports:', ...lines.map((line) => `- {${line}}`)));
  const old = ports('containerPort: 53', 'containerPort: 53, protocol: UDP');
  const updated = ports('containerPort: 53, name: dns', 'containerPort: 53, protocol: UDP');
  const local = ports('containerPort: 53, protocol: UDP, name: mine', 'containerPort: 53, protocol: TCP');
  expect(containers(merge(old, updated, local))).toMatchObject([
    {
      ports: [
        { containerPort: 53, protocol: 'UDP', name: 'mine' },
        { containerPort: 53, protocol: 'TCP', name: 'dns' },
      ],
    },
  ]);
});

it('takes a list as a whole where an element has no key or two have the same', () => {
  const env = (...lines: string[]) => deployment(container('a', 'a:1', 'env:', ...lines.map((line) => `- {${line}}`)));
  const merged = merge(env('name: A, value: x'), env('name: A, value: y'), env('name: A, value: x', 'value: odd'));
  expect(containers(merged)).toMatchObject([{ env: [{ name: 'A', value: 'y' }] }]);
});

const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.example.com
spec:
  group: example.com
  names: {kind: Thing}
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          properties:
            spec:
              properties:
                rules:
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [host, port]
                  items: {properties: {port: {default: 80}}}
                tags: {x-kubernetes-list-type: set}
                hosts: {x-kubernetes-patch-merge-key: id}
                whole: {x-kubernetes-list-type: atomic, x-kubernetes-patch-merge-key: id}
                byTeam:
                  additionalProperties:
                    x-kubernetes-list-type: map
                    x-kubernetes-list-map-keys: [id]
`;
const thing = (rules: string, tags: string, teams: string) =>
  `apiVersion: example.com/v1\nkind: Thing\nmetadata:\n  name: t\nspec:\n  rules: ${rules}\n  tags: ${tags}\n  byTeam: {x: ${teams}}\n`;

it("merges custom resources by the keys of the package's own definitions", () => {
  const old = thing('[{host: a, w: 1}]', '[p, q]', '[{id: 1}]');
  const updated = thing('[{host: a, w: 2}, {host: b}]', '[p, r]', '[{id: 1}, {id: 2}]');
  const local = thing('[{host: a, port: 80, w: 1, x: 9}]', '[mine, p, q]', '[{id: 3}, {id: 1}]');
  expect(parse(merge(old, updated, local, { 'crd.yaml': crd })).spec).toEqual({
    rules: [{ host: 'a', port: 80, w: 2, x: 9 }, { host: 'b' }],
    tags: ['mine', 'p', 'r'],
    byTeam: { x: [{ id: 3 }, { id: 1 }, { id: 2 }] },
  });
});

it.each<[rule: string, old: string, updated: string, local: string, result: unknown]>([
  ['emptied locally stays, empty', '{x: [{id: 1}, {id: 2}]}', '{x: [{id: 1}]}', '{x: []}', { x: [] }],
  ['emptied upstream stays, empty', '{x: [{id: 1}]}', '{x: []}', '{x: [{id: 1}], y: []}', { x: [], y: [] }],
  [
    'removed upstream goes with what is left of it',
    '{x: [{id: 1}, {id: 2}], y: []}',
    '{y: []}',
    '{x: [{id: 1}], y: []}',
    { y: [] },
  ],
])('a list whose elements have keys and that is %s', (_, old, updated, local, result) => {
  const teams = (byTeam: string) => thing('[]', '[]', '[]').replace('{x: []}', byTeam);
  const merged = merge(teams(old), teams(updated), teams(local), { 'crd.yaml': crd });
  expect(parse(merged).spec.byTeam).toEqual(result);
});

it('merges lists by the key for patches, where the definition says nothing else of them', () => {
  const text = (field: string, ids: string) => thing('[]', '[]', '[]').replace('rules: []', `${field}: [${ids}]`);
  const merged = (field: string) =>
    parse(
      merge(text(field, '{id: 1}'), text(field, '{id: 1}, {id: 2}'), text(field, '{id: 3}, {id: 1}'), {
        'crd.yaml': crd,
      }),
    ).spec[field];
  expect(merged('hosts')).toEqual([{ id: 3 }, { id: 1 }, { id: 2 }]);
  expect(merged('whole')).toEqual([{ id: 1 }, { id: 2 }]);
});

it.each(['rules: [{host: a}, {host: b}]', 'rules:\n  - host: a\n  - host: b'])(
  'fills an empty list in the style of upstream: %j',
  (rules) => {
    const empty = thing('[]', '[]', '[]');
    const filled = empty.replace('rules: []', rules);
    expect(merge(empty, filled, empty.replace('name: t', 'name: t # mine'), { 'crd.yaml': crd })).toBe(
      filled.replace('name: t', 'name: t # mine'),
    );
  },
);

it('knows no keys of definitions that another package had', () => {
  const merged = merge(thing('[]', '[a]', '[]'), thing('[]', '[a, b]', '[]'), thing('[]', '[c]', '[]'));
  expect(parse(merged).spec.tags).toEqual(['a', 'b']);
});

it('writes out aliases where fields that use them are merged', () => {
  const old = configMap('c', 'a: &x one', 'b: *x', 'c: 1');
  const merged = merge(old, old.replace('c: 1', 'c: 2').replace('one', 'two'), old.replace('c: 1', 'c: 3'));
  expect(data(merged)).toEqual({ a: 'two', b: 'two', c: 2 });
});
