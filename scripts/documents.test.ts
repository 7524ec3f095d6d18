import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, matchesGlob, resolve } from 'node:path';
import { builtInFunctions } from '@porch/kpt';
import { describe, expect, it } from 'vitest';
import { findImports } from './imports/find-imports.ts';

const root = resolve(import.meta.dirname, '..');
/** Flags of `porch serve` by name, as its help has them. */
function flagsOfHelp(): Map<string, { readonly flag: string; readonly text: string; readonly notes: string }> {
  const help = execFileSync(process.execPath, ['packages/porch/bin/porch.js', 'serve', '--help'], {
    cwd: root,
    encoding: 'utf8',
  });
  const lines = help.matchAll(/^ {2}(--\S+(?: [<[]\S+[>\]])?) {2,}(.*) \(([^()]*)\)$/gm);
  return new Map(
    [...lines].map(([, flag = '', text = '', notes = '']) => [flag.split(' ')[0] ?? '', { flag, text, notes }]),
  );
}

/** Rows of the table of flags by name. */
function rowsOfTable(): Map<string, string> {
  const rows = readFileSync(join(root, 'docs/flags.md'), 'utf8').matchAll(/^\| `(--[\w-]+)[^`]*` \|.*$/gm);
  return new Map([...rows].map(([row, name = '']) => [name, row.replaceAll('\\|', '|')]));
}

describe('docs/flags.md', () => {
  it('lists the flags of porch serve as --help does', () => {
    const flags = flagsOfHelp();
    const rows = rowsOfTable();
    expect([...rows.keys()]).toEqual([...flags.keys()]);
    for (const [name, { flag, text, notes }] of flags) {
      const row = rows.get(name) ?? '';
      expect(row).toContain(`\`${flag}\``);
      expect(row).toContain(text);
      const values = /default: "?([^",]+)"?/.exec(notes)?.[1];
      if (values !== undefined) expect(row).toContain(`\`${values}\``);
      for (const [, choice] of (/choices: ((?:"\w+"(?:, )?)+)/.exec(notes)?.[1] ?? '').matchAll(/"(\w+)"/g)) {
        expect(row).toContain(`\`${choice}\``);
      }
      expect(row).toContain(`\`${/env: (\w+)/.exec(notes)?.[1]}\``);
    }
  });
});

describe('docs/functions.md', () => {
  it('lists the functions that there are', () => {
    const text = readFileSync(join(root, 'docs/functions.md'), 'utf8');
    const listed = /^Part of the program are ([^.]*)\./m.exec(text)?.[1]?.split(/,\s+| and /);
    expect(listed).toEqual([...builtInFunctions.keys()].sort());
  });
});

describe.each(['apiserver', 'kpt'])('packages/%s/README.md', (name) => {
  it('names only functions, classes and types that the entry point gives', () => {
    const given = findImports(readFileSync(join(root, `packages/${name}/src/index.ts`), 'utf8')).flatMap(
      ({ names = [] }) => names,
    );
    const text = readFileSync(join(root, `packages/${name}/README.md`), 'utf8');
    const named = [...text.matchAll(/`(\w*[a-z][A-Z]\w*)[`(:]/g)].map(([, word = '']) => word);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((word) => !given.includes(word))).toEqual([]);
  });
});

const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...globSync('packages/*/README.md', { cwd: root }),
]
  .concat(readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`))
  .filter((name) => name.endsWith('.md'));

/** The headings of a page, as links name them: small letters, digits and hyphens. */
function headings(page: string): Set<string> {
  const lines = readFileSync(join(root, page), 'utf8').matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...lines].map(([, text = '']) =>
      text
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };

describe.each(documents)('%s', (document) => {
  it('names only commands that package.json has', () => {
    const text = readFileSync(join(root, document), 'utf8');
    const named = [...text.matchAll(/npm run (?:-s |--silent )?([\w:]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it('links to files that exist', () => {
    const text = readFileSync(join(root, document), 'utf8');
    const targets = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !existsSync(join(root, dirname(document), target)))).toEqual([]);
  });

  it('links to headings that exist', () => {
    const text = readFileSync(join(root, document), 'utf8');
    const targets = [...text.matchAll(/\]\(([^)#:]*)#([^)]+)\)/g)].map(([, file = '', heading = '']) => [
      file,
      heading,
    ]);
    const isThere = ([file = '', heading = '']: string[]): boolean =>
      headings(file === '' ? document : join(dirname(document), file)).has(heading);
    expect(targets.filter((target) => !isThere(target))).toEqual([]);
  });
});

describe('ARCHITECTURE.md', () => {
  it('names tests and code that exist', () => {
    const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
    const files = globSync('{packages,e2e,scripts,deploy}/**/*.ts', {
      cwd: root,
      exclude: ['**/node_modules'],
    });
    const named = [...text.matchAll(/`([\w./*-]+\.ts)`/g)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(50);
    const isThere = (path: string): boolean => files.some((file) => matchesGlob(`/${file}`, `**/${path}`));
    // The house rules call any file x.
    expect(named.filter((path) => !isThere(path))).toEqual(['x.ts', 'x.test.ts']);
  });
});
