import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { summarizeKptfile } from '../kptfile/summarize-kptfile.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import { parseResources } from '../yaml/resource-file.ts';
import { clonePackage, normalizeSource } from './clone-package.ts';
import { discoverPackage } from './discover.ts';
import { initPackage } from './init-package.ts';
import { mergeKeyOf } from './merge-keys.ts';
import { checkPath } from './package-paths.ts';
import { replaceFiles } from './replace-files.ts';

const files = (entries: Record<string, string>) => new Map(Object.entries(entries));
const kptfile = 'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: up # name\n';
const source = {
  name: 'down',
  upstream: { type: 'git', git: { repo: 'https://git.example/r', directory: '/a/b', ref: 'v1' } },
  lock: { type: 'git', git: { repo: 'https://git.example/r.git', directory: 'a/b', ref: 'v1', commit: 'abc' } },
} as const;

describe('a new package', () => {
  it('has a Kptfile, a README and a package context', () => {
    const made = initPackage(new Map(), { name: 'a/b', description: 'What: it is', keywords: ['x', 'z'], site: '' });
    expect([...made.keys()]).toEqual(['Kptfile', 'README.md', 'package-context.yaml']);
    expect(made.get('Kptfile')).toBe(`apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: a/b
  annotations:
    config.kubernetes.io/local-config: "true"
info:
  description: "What: it is"
  keywords:
    - x
    - z
`);
    expect(made.get('package-context.yaml')).toBe(`apiVersion: v1
kind: ConfigMap
metadata:
  name: kptfile.kpt.dev
  annotations:
    config.kubernetes.io/local-config: "true"
data:
  name: example
`);
    expect(made.get('README.md')).toMatch(/^# a\/b\n\n## Description\n\nWhat: it is\n\n## Usage\n/);
  });

  it('keeps files that are there', () => {
    const made = initPackage(files({ 'README.md': 'mine' }), { name: 'a', description: '', keywords: [], site: '' });
    expect(made.get('README.md')).toBe('mine');
  });
});

describe('a cloned package', () => {
  it('names its upstream and marks every resource with where it comes from', () => {
    const cloned = clonePackage(
      files({
        Kptfile: kptfile,
        'ns.yaml': '# head\napiVersion: v1\nkind: Namespace\nmetadata:\n    name:  example\n---\nplain: true\n',
        'db/apps.yml':
          "apiVersion: apps/v1\nkind: Deployment\nmetadata: # kpt-merge: old/one\n  name: 'x'\n  namespace: y\n",
        'broken.yaml': 'a: b: c\n  - {{ x }}\n',
        'text.txt': 'metadata:\n',
      }),
      source,
    );
    expect(cloned.get('Kptfile')).toBe(`apiVersion: kpt.dev/v1
kind: Kptfile
metadata: # kpt-merge: /down
  name: down # name
  annotations:
    internal.kpt.dev/upstream-identifier: 'kpt.dev|Kptfile|default|down'
upstream:
  type: git
  git:
    repo: https://git.example/r.git
    directory: a/b
    ref: v1
upstreamLock:
  type: git
  git:
    repo: https://git.example/r.git
    directory: a/b
    ref: v1
    commit: abc
`);
    expect(cloned.get('ns.yaml')).toBe(`# head
apiVersion: v1
kind: Namespace
metadata: # kpt-merge: /example
    name:  example
    annotations:
      internal.kpt.dev/upstream-identifier: '|Namespace|default|example'
---
plain: true
`);
    expect(cloned.get('db/apps.yml')).toContain(
      "metadata: # kpt-merge: old/one\n  name: 'x'\n  namespace: y\n  annotations:",
    );
    expect(cloned.get('db/apps.yml')).toContain("identifier: 'apps|Deployment|y|x'\n");
    expect(cloned.get('broken.yaml')).toBe('a: b: c\n  - {{ x }}\n');
    expect(cloned.get('text.txt')).toBe('metadata:\n');
    expect(summarizeKptfile(cloned.get('Kptfile')).upstreamLock?.git.commit).toBe('abc');
  });

  it.each([
    ['https://git.example/r/', 'https://git.example/r.git'],
    ['https://git.example/r.git/', 'https://git.example/r.git'],
    ['ssh://git@git.example/r', 'ssh://git@git.example/r.git'],
    ['file:///srv/r/', 'file:///srv/r/.git'],
  ])('of %s names %s as its upstream', (repo, expected) => {
    const git = { ...source.upstream.git, repo };
    const lock = { type: 'git', git: { ...source.lock.git, repo } } as const;
    const cloned = clonePackage(files({ Kptfile: kptfile }), { ...source, upstream: { type: 'git', git }, lock });
    expect(cloned.get('Kptfile')?.match(/repo: .*/g)).toEqual([`repo: ${expected}`, `repo: ${expected}`]);
  });

  it('marks resources whose metadata has a comment behind its brackets', () => {
    const text = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: example} # why\n';
    const cloned = clonePackage(files({ Kptfile: kptfile, 'ns.yaml': text }), source);
    expect(cloned.get('ns.yaml')).toBe(`apiVersion: v1
kind: Namespace
metadata: # kpt-merge: /example
  # why
  name: example
  annotations:
    internal.kpt.dev/upstream-identifier: '|Namespace|default|example'
`);
  });

  it('for deployment has one package context, its own', () => {
    const context = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kptfile.kpt.dev\ndata:\n  name: example\n';
    const cloned = clonePackage(
      files({
        Kptfile: kptfile,
        'package-context.yaml': context,
        'db/package-context.yaml': context,
        'x.yaml': `a: 1\n---\n${context}`,
      }),
      { ...source, deployment: { packagePath: 'sites/down' } },
    );
    expect([...cloned.keys()].sort()).toEqual(['Kptfile', 'package-context.yaml', 'x.yaml']);
    expect(cloned.get('x.yaml')).toBe('a: 1\n');
    expect(cloned.get('package-context.yaml')).toContain('data:\n  name: down\n  package-path: sites/down\n');
  });

  it('that is not for deployment keeps its package contexts as they are', () => {
    const context = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kptfile.kpt.dev\ndata:\n  name: example\n';
    const cloned = clonePackage(files({ Kptfile: kptfile, 'db/package-context.yaml': context }), source);
    expect([...cloned.keys()].sort()).toEqual(['Kptfile', 'db/package-context.yaml']);
    expect(cloned.get('db/package-context.yaml')).toContain('data:\n  name: example\n');
  });

  it('for deployment keeps what is only called like a package context, and what cannot be read', () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: kptfile.kpt.dev\n';
    const broken = 'name: kptfile.kpt.dev\n a: [\n';
    const cloned = clonePackage(files({ Kptfile: kptfile, 'secret.yaml': secret, 'broken.yaml': broken }), {
      ...source,
      deployment: { packagePath: 'sites/down' },
    });
    expect(cloned.get('secret.yaml')).toContain('kind: Secret\n');
    expect(cloned.get('broken.yaml')).toBe(broken);
  });

  it('for deployment keeps what else stands in the file of the package context', () => {
    const context = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kptfile.kpt.dev\ndata:\n  name: example\n';
    const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n';
    for (const text of [`${context}---\n${other}`, `${other}---\n${context}`, other]) {
      const cloned = clonePackage(files({ Kptfile: kptfile, 'package-context.yaml': text }), {
        ...source,
        deployment: { packagePath: 'sites/down' },
      });
      const documents = parseAllDocuments(cloned.get('package-context.yaml') ?? '').map((document) => document.toJS());
      expect(documents).toMatchObject([{ data: { name: 'down' } }, { metadata: { name: 'other' } }]);
    }
  });

  it('needs a Kptfile at its root', () => {
    expect(() => clonePackage(files({ 'a/Kptfile': kptfile }), source)).toThrow('no Kptfile at its root');
  });
});

describe('the packages of a tree', () => {
  it('own the resource files that no package below owns and .krmignore does not hide', () => {
    const tree = discoverPackage(
      files({
        Kptfile: '',
        '.krmignore': '*.tmp.yaml\nhidden/\nsub\nB.yaml\n',
        'b.yaml': '',
        'a.json': '',
        'x.tmp.yaml': '',
        'hidden/c.yaml': '',
        'README.md': '',
        'dir/d.yml': '',
        'sub/Kptfile': '',
        'sub/x.tmp.yaml': '',
        'sub/deep/er/Kptfile': '',
        'sub/deep/f.yaml': '',
        '.git/Kptfile': '',
      }),
    );
    expect(tree?.resourceFiles).toEqual(['Kptfile', 'a.json', 'b.yaml', 'dir/d.yml']);
    expect(tree?.subpackages.map((node) => [node.path, node.resourceFiles])).toEqual([
      ['sub', ['Kptfile', 'deep/f.yaml', 'x.tmp.yaml']],
    ]);
    expect(tree?.subpackages[0]?.subpackages.map((node) => node.path)).toEqual(['sub/deep/er']);
  });

  it('start at the topmost Kptfile', () => {
    expect(discoverPackage(files({ 'a/b/Kptfile': '', 'c/Kptfile': '', 'x.yaml': '' }))?.path).toBe('c');
    expect(discoverPackage(files({ 'x.yaml': '' }))).toBeUndefined();
    expect(discoverPackage(files({ '.git/Kptfile': '', 'a/b/Kptfile': '' }))?.path).toBe('a/b');
    const one = discoverPackage(files({ 'a/Kptfile': '', 'ab/x.yaml': '' }));
    expect([one?.path, one?.resourceFiles]).toEqual(['a', ['Kptfile']]);
  });

  it('has its files in the order of a walk through its directories', () => {
    const names = ['Kptfile', 'app-1.yaml', 'app.yaml', 'app/z.yaml', 'app/b-c/x.yaml', 'app/b/x.yaml', 'b.yaml'];
    const tree = discoverPackage(files(Object.fromEntries(names.map((name) => [name, '']))));
    expect(tree?.resourceFiles).toEqual([
      'Kptfile',
      'app/b/x.yaml',
      'app/b-c/x.yaml',
      'app/z.yaml',
      'app-1.yaml',
      'app.yaml',
      'b.yaml',
    ]);
  });
});

describe('replaced files', () => {
  it('get their comments back however their names are written', () => {
    const before = 'apiVersion: v1\nkind: Secret # kept\nmetadata:\n  name: own\n';
    const escaped = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: "\\u006fwn"\n';
    const replaced = replaceFiles(files({ 'a.yaml': before }), files({ 'a.yaml': escaped }));
    expect(replaced.get('a.yaml')).toBe(escaped.replace('Secret', 'Secret # kept'));
  });

  const before =
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: a # the name\nspec: # how\n  # above\n  ports:\n  - name: http # port\n    port: 80\n';

  it('keep comments that the new text lacks, in whichever file the object is', () => {
    const bare =
      'apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  ports:\n  - name: admin\n    port: 1\n  - name: http\n    port: 8080\n';
    const replaced = replaceFiles(files({ 'a.yaml': before, 'gone.txt': '' }), files({ 'b.yaml': bare }));
    expect([...replaced.keys()]).toEqual(['b.yaml']);
    expect(replaced.get('b.yaml')).toBe(
      'apiVersion: v1\nkind: Service\nmetadata:\n  name: a # the name\nspec: # how\n  # above\n  ports:\n  - name: admin\n    port: 1\n  - name: http # port\n    port: 8080\n',
    );
  });

  it('keep the comments of the object in the same file where others have one of that name', () => {
    const map = (value: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  v: ${value}\n`;
    const replaced = replaceFiles(
      files({ 'a/c.yaml': map('1 # in a'), 'b/c.yaml': map('1'), 'c/c.yaml': map('1 # in c') }),
      files({ 'a/c.yaml': map('2'), 'b/c.yaml': map('2'), 'c/c.yaml': map('2') }),
    );
    expect([...replaced.values()]).toEqual([map('2 # in a'), map('2'), map('2 # in c')]);
  });

  it('that are no objects get comments of the same file alone', () => {
    const replaced = replaceFiles(
      files({ 'values.yaml': '# about it\nport: 1 # the port\n' }),
      files({ 'values.yaml': 'port: 2\n', 'other.yaml': 'port: 3\n' }),
    );
    expect([...replaced.values()]).toEqual(['# about it\nport: 2 # the port\n', 'port: 3\n']);
  });

  it('are taken as they are where they are the same, broken, or have comments of their own', () => {
    const own = before.replace('# the name', '# new name');
    const after = files({ 'a.yaml': own, 'broken.yaml': 'a: b: c', 'notes.md': 'x' });
    const replaced = replaceFiles(files({ 'a.yaml': before }), after);
    expect([...replaced]).toEqual([...after]);
  });

  it('have comments beside their fields, whether these are written in brackets or not', () => {
    const map = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n${data}`;
    const block = map('  a: # kpt-set: ${a}\n  - x\n  b: # of b\n    c: d\n');
    const brackets = map('  a: [x] # kpt-set: ${a}\n  b: {c: d} # of b\n');
    const replaced = (from: string, to: string) =>
      replaceFiles(files({ 'a.yaml': from }), files({ 'a.yaml': to.replaceAll(/ #.*/g, '') })).get('a.yaml');
    expect(replaced(block, brackets)).toBe(brackets);
    expect(replaced(brackets, block)).toBe(block);
  });

  it('get the comments of the very element where several have one name', () => {
    const list = (...mounts: string[]) =>
      `apiVersion: v1\nkind: Foo\nmetadata:\n  name: c\nmounts:\n${mounts.map((path) => `- name: data\n  path: ${path}\n`).join('')}`;
    const before = files({ 'a.yaml': list('/a # kpt-set: ${a}', '/b # kpt-set: ${b}') });
    const replaced = (...mounts: string[]) => replaceFiles(before, files({ 'a.yaml': list(...mounts) })).get('a.yaml');
    expect(replaced('/a', '/b')).toBe(before.get('a.yaml'));
    expect(replaced('/b')).toBe(list('/b # kpt-set: ${b}'));
    expect(replaced('/c', '/b')).toBe(list('/c # kpt-set: ${a}', '/b # kpt-set: ${b}'));
    expect(replaced('/new', '/a', '/b')).toBe(list('/new', '/a # kpt-set: ${a}', '/b # kpt-set: ${b}'));
  });

  it('get the comments of elements whose keys stand in another order', () => {
    const list = (element: string) => `apiVersion: v1\nkind: Foo\nmetadata:\n  name: c\nports:\n${element}`;
    const before = list('- protocol: TCP\n  port: 80 # kpt-set: ${port}\n');
    const after = files({ 'a.yaml': list('- port: 80\n  protocol: TCP\n') });
    expect(replaceFiles(files({ 'a.yaml': before }), after).get('a.yaml')).toBe(
      list('- port: 80 # kpt-set: ${port}\n  protocol: TCP\n'),
    );
  });

  it('do not get the comments of entries that a list no longer has', () => {
    const list = (ports: string) => `apiVersion: v1\nkind: Foo\nmetadata:\n  name: c\nports:${ports}\n`;
    const empty = files({ 'a.yaml': list(' []') });
    expect(replaceFiles(files({ 'a.yaml': list('\n# the first\n- 80') }), empty)).toEqual(empty);
  });

  it('do not get the instructions of a template language', () => {
    const template = before.replace('# the name', '#@ data.values.name');
    const bare = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n';
    expect(replaceFiles(files({ 'a.yaml': template }), files({ 'a.yaml': bare })).get('a.yaml')).toBe(bare);
  });

  it('cannot leave the package', () => {
    for (const path of ['../x', '/etc/x', 'a/../../b', 'a//b', './a', '.git/config', 'a\\b', '', 'a\0']) {
      expect(() => checkPath(path), path).toThrow('is not allowed');
    }
    expect(() => replaceFiles(new Map(), files({ 'a/../b': '' }))).toThrow('"a/../b" is not allowed');
  });
});

describe('endless texts', () => {
  const long = 2_000_000;

  it('is a URL of slashes', () => {
    expect(normalizeSource({ repo: `https://h/${'/'.repeat(long)}a`, directory: '' }).repo).toHaveLength(long + 15);
  });

  it('is a mark without an end', () => {
    const text = `apiVersion: v1\nkind: A\nmetadata: # ${'kpt-merge:'.repeat(long / 10)}\n  name: a\n`;
    const [document] = parseResources('a.yaml', text);
    if (document === undefined) throw new Error('no document');
    expect(mergeKeyOf(new KrmObject(document, 'a.yaml'))).toBeUndefined();
  });
});
