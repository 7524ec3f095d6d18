import { expect, test } from 'vitest';
import { KptfileReader } from '../kptfile/kptfile-reader.ts';
import { discoverPackage } from '../package/discover.ts';
import { TextMemory } from './text-memory.ts';
import { isUnaffected } from './unaffected.ts';

const kptfile = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: a # the name\n';
const pipeline = `${kptfile}pipeline:\n  mutators:\n    - image: set-labels:v0.2.0\n`;
const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\ndata: {}\n';

function ask(entries: Readonly<Record<string, string>>, memory = new TextMemory(0)): boolean | undefined {
  const files = new Map(Object.entries(entries));
  const root = discoverPackage(files);
  return root && isUnaffected(files, root, memory, new KptfileReader());
}

test.each<[string, Record<string, string>]>([
  ['a Kptfile alone', { Kptfile: kptfile }],
  [
    'resources of any kind',
    { Kptfile: kptfile, 'a.yaml': map, 'b.json': '{"apiVersion":"v1","kind":"A","metadata":{"name":"n"}}' },
  ],
  [
    'odd formatting, comments and empty documents',
    { Kptfile: kptfile, 'a.yaml': `# first\n---\n${map.replaceAll('\n', '\r\n')}---\n# last` },
  ],
  ['files that are no resources', { Kptfile: kptfile, 'README.md': '{{', 'kustomization.yaml': 'resources: []\n' }],
  ['packages below', { Kptfile: kptfile, 'sub/Kptfile': kptfile, 'sub/a.yaml': map }],
  ['files that are to be ignored', { Kptfile: kptfile, '.krmignore': 'a.yaml\n', 'a.yaml': '{{' }],
])('%s stay as they are', (_, files) => {
  expect(ask(files)).toBe(true);
});

test.each<[string, Record<string, string>]>([
  ['a pipeline', { Kptfile: pipeline }],
  ['a pipeline that only checks', { Kptfile: pipeline.replace('mutators', 'validators') }],
  ['a pipeline below', { Kptfile: kptfile, 'sub/Kptfile': pipeline }],
  ['a Kptfile that cannot be read', { Kptfile: `${kptfile}unknown: 1\n` }],
  ['a Kptfile that is ignored', { Kptfile: kptfile, '.krmignore': 'Kptfile\n' }],
  ['a file that is no YAML', { Kptfile: kptfile, 'a.yaml': 'a: [' }],
  ['a key that stands twice', { Kptfile: kptfile, 'a.yaml': `${map}data: {}\n` }],
  ['an object that is no resource', { Kptfile: kptfile, 'a.yaml': 'a: b\n' }],
  ['a resource that is attributed', { Kptfile: kptfile, 'a.yaml': map.replace('v1', 'x.cnrm.cloud.google.com/v1') }],
  [
    'a resource that says in which file it stands',
    {
      Kptfile: kptfile,
      'a.yaml': map.replace('name: m', 'name: m\n  annotations: {config.kubernetes.io/path: a.yaml}'),
    },
  ],
  ['the text of a kustomization under another name', { Kptfile: kptfile, 'other.yaml': 'resources: []\n' }],
])('%s is left to rendering', (_, files) => {
  const memory = new TextMemory(100_000);
  expect(ask({ Kptfile: kptfile, 'kustomization.yaml': 'resources: []\n' }, memory)).toBe(true);
  expect(ask(files, memory)).toBe(false);
  expect(ask(files, memory)).toBe(false);
});
