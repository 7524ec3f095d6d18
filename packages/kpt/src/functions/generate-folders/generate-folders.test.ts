import { expect, it } from 'vitest';
import { objectsOf, runFunction } from '../../testing/run-function.ts';
import { generateFolders } from './generate-folders.ts';

function hierarchy(spec: string, metadata = '', apiVersion = 'blueprints.cloud.google.com/v1alpha3'): string {
  return `apiVersion: ${apiVersion}\nkind: ResourceHierarchy\nmetadata:\n  name: tree\n${metadata}spec:\n${spec}`;
}

const organization = '  parentRef:\n    external: 123456789012\n';

function folders(text: string): unknown[] {
  const { items = [], failed } = runFunction(generateFolders, text);
  expect(failed).toBeUndefined();
  return items.slice(1).map((object) => object.toJS());
}

function folder(name: string, displayName: string, reference: object, metadata: object = {}): object {
  return {
    apiVersion: 'resourcemanager.cnrm.cloud.google.com/v1beta1',
    kind: 'Folder',
    metadata: { name, ...metadata },
    spec: { displayName, ...reference },
  };
}

const inOrganization = { organizationRef: { external: '123456789012' } };

it('generates folders with references to those that they are in', () => {
  const text = hierarchy(`${organization}  config:\n  - Dev Team:\n    - retail\n    - "it's_1"\n  - prod\n`);
  expect(folders(text)).toEqual([
    folder('dev-team', 'Dev Team', inOrganization),
    folder('dev-team.retail', 'retail', { folderRef: { name: 'dev-team' } }),
    folder('dev-team.its-1', "it's_1", { folderRef: { name: 'dev-team' } }),
    folder('prod', 'prod', inOrganization),
  ]);
});

it('puts the first folders into a folder where the hierarchy says so', () => {
  const text = hierarchy('  parentRef: {kind: Folder, external: 42}\n  config: [a]\n');
  expect(folders(text)).toEqual([folder('a', 'a', { folderRef: { external: '42' } })]);
});

it('uses subtrees, also in subtrees after them', () => {
  const text = hierarchy(
    `${organization}  subtrees:\n    envs: [dev, prod]\n    teams:\n    - web: {$subtree: envs}\n  config:\n  - shop: {$subtree: teams}\n`,
  );
  expect(folders(text).map((each) => (each as { metadata: { name: string } }).metadata.name)).toEqual([
    'shop',
    'shop.web',
    'shop.web.dev',
    'shop.web.prod',
  ]);
});

it('hands on namespace and annotations, and says what depends on what', () => {
  const metadata =
    '  namespace: ns\n  annotations:\n    team: a\n    config.kubernetes.io/local-config: "true"\n    config.k8s.io/function: x\n    internal.kpt.dev/upstream-identifier: a|b|c|d\n';
  expect(folders(hierarchy(`${organization}  config:\n  - a: [b]\n`, metadata))).toEqual([
    folder('a', 'a', inOrganization, { namespace: 'ns', annotations: { team: 'a' } }),
    folder(
      'a.b',
      'b',
      { folderRef: { name: 'a' } },
      {
        namespace: 'ns',
        annotations: {
          team: 'a',
          'config.kubernetes.io/depends-on': 'resourcemanager.cnrm.cloud.google.com/namespaces/ns/Folder/a',
        },
      },
    ),
  ]);
});

it('makes a folder that is listed twice once, with what is in both', () => {
  const text = hierarchy(`${organization}  config: [dev: [a], dev: [b], dev]\n`);
  expect(folders(text)).toEqual([
    folder('dev', 'dev', inOrganization),
    folder('dev.a', 'a', { folderRef: { name: 'dev' } }),
    folder('dev.b', 'b', { folderRef: { name: 'dev' } }),
  ]);
});

it('reads lists and names of subtrees that are aliases, however often', () => {
  const levels = Array.from({ length: 20 }, (_, at) => `- &l${at + 1} [${`x: *l${at}, `.repeat(9)}]\n`).join('');
  const text = hierarchy(
    `${organization}  subtrees: {s: &list [a]}\n  config: [b: *list, c: {$subtree: &name s}, d: {$subtree: *name}]\n`,
  );
  expect(folders(text)).toHaveLength(6);
  const many = hierarchy(`${organization}  config:\n  - y: *l20\n`).replace(
    'spec:\n',
    `lists:\n- &l0 [z]\n${levels}spec:\n`,
  );
  expect(runFunction(generateFolders, many).failed).toContain('more than 10000 folders');
});

it('refuses folders of two hierarchies that would overwrite each other', () => {
  const first = hierarchy(`${organization}  config: [a]\n`);
  const second = first.replace('tree', 'other').replace('123456789012', '1');
  expect(runFunction(generateFolders, `${first}---\n${first.replace('tree', 'same')}`).failed).toBeUndefined();
  expect(runFunction(generateFolders, `${first}---\n${second}`).results).toEqual([
    {
      message:
        'ResourceHierarchy other and ResourceHierarchy tree: the folders "a" and "a" would have the same name "a"',
      severity: 'error',
      resourceRef: { apiVersion: 'blueprints.cloud.google.com/v1alpha3', kind: 'ResourceHierarchy', name: 'other' },
      file: { path: 'resources.yaml', index: 1 },
    },
  ]);
});

it('keeps apart packages, and finds folders in those without a hierarchy', () => {
  const first = hierarchy(`${organization}  config: [a, b]\n`);
  const inPackage = (text: string, packagePath: string) =>
    objectsOf(text).map((object) => Object.assign(object, { packagePath }));
  const item = 'apiVersion: resourcemanager.cnrm.cloud.google.com/v1beta1\nkind: Folder\nmetadata:\n  name: b\n';
  const items = [
    ...inPackage(first, ''),
    ...inPackage(first.replace('123456789012', '1').replace('[a, b]', '[a]'), 'db'),
    ...inPackage(item, 'db'),
  ];
  const run = generateFolders.run({ items, config: undefined });
  const made = run.items?.map(({ packagePath, name }, at) => [packagePath, name, at]).slice(2);
  expect(made).toEqual([
    ['db', 'b', 2],
    ['', 'a', 3],
    ['db', 'a', 4],
  ]);
  expect(generateFolders.run({ items: run.items ?? [], config: undefined }).items).toEqual(run.items);
});

it('leaves what a folder says of what it was upstream', () => {
  const text = hierarchy(`${organization}  config: [a]\n`);
  const identifier = "internal.kpt.dev/upstream-identifier: 'x|Folder|~C|a' # as read";
  const existing =
    `apiVersion: resourcemanager.cnrm.cloud.google.com/v1beta1\nkind: Folder\nmetadata:\n  name: a\n  annotations:\n` +
    `    ${identifier}\nspec:\n  displayName: a\n  organizationRef:\n    external: "123456789012"\n`;
  expect(runFunction(generateFolders, `${text}---\n${existing}`).text).toBe(`${text}---\n${existing}`);
});

const warning = {
  message:
    'ResourceHierarchy tree references an older Resource Hierarchy GroupVersion. Latest GroupVersion is blueprints.cloud.google.com/v1alpha3.',
  severity: 'warning',
  file: { path: 'resources.yaml' },
};

it.each([
  [
    'cft.dev/v1alpha2',
    `${organization}  config:\n  - a: [b]\n`,
    [
      { team: 'x', 'cnrm.cloud.google.com/organization-id': '123456789012' },
      { team: 'x', 'cnrm.cloud.google.com/folder-ref': 'a' },
    ],
  ],
  [
    'cft.dev/v1alpha1',
    '  organization: 123456789012\n  layers: [one, two]\n  config:\n    one: [a]\n    two: [b]\n',
    [{ 'cnrm.cloud.google.com/organization-id': '123456789012' }, { 'cnrm.cloud.google.com/folder-ref': 'a' }],
  ],
])('reads %s, which refers by annotations, with a warning', (apiVersion, spec, annotations) => {
  const text = hierarchy(spec, '  annotations: {team: x}\n', apiVersion);
  expect(folders(text)).toEqual([
    folder('a', 'a', {}, { annotations: annotations[0] }),
    folder('a.b', 'b', {}, { annotations: annotations[1] }),
  ]);
  const resourceRef = { apiVersion, kind: 'ResourceHierarchy', name: 'tree' };
  expect(runFunction(generateFolders, text).results).toEqual([{ ...warning, resourceRef }]);
});

it('puts each folder of a layer into each of the layer above', () => {
  const spec = '  organization: 1\n  layers: [one, two]\n  config:\n    one: [a, b]\n    two: [c, d]\n';
  const names = folders(hierarchy(spec, '', 'cft.dev/v1alpha1')).map(
    (each) => (each as { metadata: { name: string } }).metadata.name,
  );
  expect(names).toEqual(['a', 'a.c', 'a.d', 'b', 'b.c', 'b.d']);
});

it('updates folders that there are where they stand, with their comments', () => {
  const text = hierarchy(`${organization}  config: [a]\n`);
  const existing =
    'apiVersion: resourcemanager.cnrm.cloud.google.com/v1beta1\nkind: Folder\nmetadata:\n  name: a # ours\nspec:\n' +
    '  displayName: old\n  organizationRef:\n    external: "1"\n';
  const run = runFunction(generateFolders, `${text}---\n${existing}`);
  expect(run.items).toHaveLength(2);
  expect(run.text).toBe(`${text}---\n${existing.replace(': old', ': a').replace('"1"', '"123456789012"')}`);
  expect(runFunction(generateFolders, run.text).text).toBe(run.text);
});

it.each([
  ['no parent', hierarchy('  config: [a]\n'), 'ResourceHierarchy tree has an undefined parentRef'],
  [
    'another kind of parent',
    hierarchy('  parentRef: {kind: Team, external: 1}\n  config: [a]\n'),
    'ResourceHierarchy tree has an unsupported parentRef kind',
  ],
  [
    'a missing subtree',
    hierarchy(`${organization}  config:\n  - a: {$subtree: no}\n`),
    'ResourceHierarchy tree references non-existent subtree "no"',
  ],
  ['no folders', hierarchy(organization), 'ResourceHierarchy tree: `spec.config` must be a list'],
  [
    'no organization',
    hierarchy('  layers: []\n', '', 'cft.dev/v1alpha1'),
    'ResourceHierarchy tree has no organization',
  ],
  [
    'an empty layer',
    hierarchy('  organization: 1\n  layers: [x]\n  config: {}\n', '', 'cft.dev/v1alpha1'),
    'Layer "x" has no corresponding config entry. Either add to spec.config.x or remove it from spec.layers',
  ],
  [
    'a name that is too long',
    hierarchy(`${organization}  config: [${'x'.repeat(254)}]\n`),
    `ResourceHierarchy tree has a folder "${'x'.repeat(254)}" whose name "${'x'.repeat(254)}" is longer than 253 characters`,
  ],
  [
    'a name without a letter that Kubernetes allows',
    hierarchy(`${organization}  config:\n  - a: [财务]\n`),
    'ResourceHierarchy tree has a folder "财务" whose name "a." has a part that does not begin and end with a letter of a to z, or a digit',
  ],
  [
    'a name that ends with a hyphen',
    hierarchy(`${organization}  config: [team_]\n`),
    'ResourceHierarchy tree has a folder "team_" whose name "team-" has a part that does not begin and end with a letter of a to z, or a digit',
  ],
  [
    'two folders of the same name',
    hierarchy(`${organization}  config: [Dev Team, dev-team]\n`),
    'ResourceHierarchy tree: the folders "Dev Team" and "dev-team" would have the same name "dev-team"',
  ],
  [
    'two folders of the same name at different places',
    hierarchy(`${organization}  config:\n  - a: [b]\n  - a.b\n`),
    'ResourceHierarchy tree: the folders "b" and "a.b" would have the same name "a.b"',
  ],
  [
    'an empty parent',
    hierarchy('  parentRef: {external: ""}\n  config: [a]\n'),
    'ResourceHierarchy tree has an undefined parentRef',
  ],
  [
    'an empty organization',
    hierarchy('  organization: ""\n  layers: []\n', '', 'cft.dev/v1alpha1'),
    'ResourceHierarchy tree has no organization',
  ],
  [
    'a layer with something else than names',
    hierarchy('  organization: 1\n  layers: [x]\n  config: {x: [a, {b: c}]}\n', '', 'cft.dev/v1alpha1'),
    'ResourceHierarchy tree: `spec.config.x[1]` must be a text',
  ],
  [
    'layers that are no list',
    hierarchy('  organization: 1\n  layers: x\n', '', 'cft.dev/v1alpha1'),
    'ResourceHierarchy tree: `spec.layers` must be a list',
  ],
  [
    'two folders in one mapping',
    hierarchy(`${organization}  config:\n  - a: [x]\n    b: [y]\n`),
    'ResourceHierarchy tree: `spec.config[0]` must be the name of a folder, or a mapping with one name and what is in the folder',
  ],
  [
    'a list in a list',
    hierarchy(`${organization}  subtrees: {s: [a, [b]]}\n  config: [c]\n`),
    'ResourceHierarchy tree: `spec.subtrees.s[1]` must be the name of a folder, or a mapping with one name and what is in the folder',
  ],
  ...['b', '{b: [c]}', '{$subtree: s, b: [c]}'].map((inside): [string, string, string] => [
    `a folder with ${inside} in it`,
    hierarchy(`${organization}  subtrees: {s: [x]}\n  config: [a: ${inside}]\n`),
    'ResourceHierarchy tree: `spec.config[0].a` must be a list of folders, or a mapping with `$subtree` and nothing else',
  ]),
  [
    'a list that is in itself',
    hierarchy(`${organization}  config: &all [a: *all]\n`),
    'ResourceHierarchy tree: `spec.config[0].a` is an alias of what it is part of',
  ],
  [
    'folders without end',
    hierarchy(
      `${organization}  subtrees:\n    l0: [a, b]\n${Array.from({ length: 20 }, (_, level) => `    l${level + 1}:\n    - a: {$subtree: l${level}}\n    - b: {$subtree: l${level}}\n`).join('')}  config:\n  - a: {$subtree: l20}\n`,
    ),
    'ResourceHierarchy tree has more than 10000 folders',
  ],
])('refuses %s', (_, text, message) => {
  const run = runFunction(generateFolders, text);
  expect(run).toMatchObject({ text, failed: `[error]: ${message}`, items: undefined });
  expect(run.results.at(-1)).toMatchObject({ message, severity: 'error', resourceRef: { name: 'tree' } });
});

it('has nothing to do without a hierarchy', () => {
  const text = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n';
  expect(runFunction(generateFolders, text)).toMatchObject({ text, results: [] });
});
