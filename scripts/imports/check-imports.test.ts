import { describe, expect, it } from 'vitest';
import { checkImports } from './check-imports.ts';
import { findImports } from './find-imports.ts';

/** Rules broken by one file that imports one thing. */
function rules(file: string, ...imports: string[]): string[] {
  const sources = new Map([
    [
      'packages/apiserver/src/http/server.ts',
      'export function createApiServer(): void {}\nexport interface ApiServer {}\n',
    ],
    ['packages/apiserver/src/storage/sqlite/open.ts', 'export async function openSqliteStore() {}\n'],
    [file, imports.map((text) => `${text};\n`).join('')],
  ]);
  return checkImports(sources).map((v) => v.rule);
}

describe('findImports', () => {
  it('finds every form, with its line and names', () => {
    const source = [
      "import fs from 'node:fs';",
      "import { type A, b as c } from './a.ts';",
      "import type { D } from './d.ts';",
      'import {',
      '  e,',
      "} from './e.ts';",
      "import './side-effect.ts';",
      "export * from './all.ts';",
      "export { f } from './f.ts';",
      "const lazy = await import('./lazy.ts');",
      "// const gone = await import('./comment.ts');",
      " * import('./comment.ts')",
      "  import { x } from './indented-so-in-a-string.ts';",
      "export const text = 'a'; // from 'nowhere'",
      'import {',
      '  g, // it\'s for h; and "i"',
      "  /* don't */ type j,",
      "} from './g.ts';",
      "import * as all from './namespace.ts';",
      'const other = import(/* soon */ `./template.ts`);',
      "type K = import('./k.ts').K;",
      'const unknown = import(`./${name}.ts`), computed = import(name);',
    ].join('\n');
    expect(findImports(source)).toEqual([
      { specifier: 'node:fs', names: [], line: 1 },
      { specifier: './a.ts', names: ['A', 'b'], line: 2 },
      { specifier: './d.ts', names: ['D'], line: 3 },
      { specifier: './e.ts', names: ['e'], line: 4 },
      { specifier: './side-effect.ts', names: [], line: 7 },
      { specifier: './all.ts', names: undefined, line: 8 },
      { specifier: './f.ts', names: ['f'], line: 9 },
      { specifier: './lazy.ts', names: undefined, line: 10 },
      { specifier: './g.ts', names: ['g', 'j'], line: 15 },
      { specifier: './namespace.ts', names: undefined, line: 19 },
      { specifier: './template.ts', names: undefined, line: 20 },
      { specifier: './k.ts', names: undefined, line: 21 },
      { specifier: '', names: undefined, line: 22 },
      { specifier: '', names: undefined, line: 22 },
    ]);
  });
});

describe('checkImports', () => {
  it.each([
    ['packages/porch/src/cli/serve.ts', "import { a } from '../server/run.ts'"],
    ['packages/porch/src/server/run.ts', "import { a } from '../controllers/sync.ts'"],
    ['packages/porch/src/server/run.ts', "import { openSqliteStore } from '@porch/apiserver'"],
    ['packages/porch/src/api/package/storage.ts', "import { a } from '../../engine/engine.ts'"],
    ['packages/porch/src/api/package/storage.ts', "import { a } from '../table.ts'"],
    ['packages/porch/src/engine/create.ts', "import { a } from '../cache/content.ts'"],
    ['packages/porch/src/outbox/queue.ts', "import { a } from '../git/types.ts'"],
    ['packages/porch/src/git/mirror.ts', "import { a } from '../resources/names.ts'"],
    ['packages/porch/src/server/version.ts', "import manifest from '../../package.json' with { type: 'json' }"],
    ['packages/porch/src/index.ts', "export * from './cli/serve.ts'"],
    ['packages/porch/src/git/mirror.ts', "import { a } from '@porch/kpt'"],
    ['packages/porch/src/git/mirror.test.ts', "import { a } from '../server/run.ts'"],
    ['packages/porch/src/git/mirror.test.ts', "import { a } from '../../../../e2e/harness/git-server.ts'"],
    ['packages/apiserver/src/http/server.ts', "import { createServer } from 'node:http2'"],
    ['packages/apiserver/src/http/server.ts', "import type { A } from '../storage/store.ts'"],
    ['packages/apiserver/examples/a.ts', "import { a } from '@porch/apiserver'"],
  ])('accepts in %s: %s', (file, text) => {
    expect(rules(file, text)).toEqual([]);
  });

  it.each([
    [
      'packages/apiserver/src/a.ts',
      "import { a } from '@porch/kpt'",
      'packages/apiserver must not import packages/kpt',
    ],
    ['packages/kpt/src/a.ts', "import type { A } from 'porch'", 'packages/kpt must not import packages/porch'],
    [
      'packages/kpt/src/a.test.ts',
      "import { a } from '@porch/apiserver'",
      'packages/kpt must not import packages/apiserver',
    ],
    [
      'packages/porch/src/a.ts',
      "import { a } from '../../kpt/src/index.ts'",
      'packages are imported by name, never by path: packages/kpt',
    ],
    [
      'packages/porch/src/a.test.ts',
      "import { a } from '../../kpt/src/index.ts'",
      'packages are imported by name, never by path: packages/kpt',
    ],
    [
      'packages/porch/src/git/a.ts',
      "import { a } from '@porch/kpt/src/x.ts'",
      'packages are imported through their entry point: @porch/kpt',
    ],
    ['packages/porch/src/git/a.ts', "import { a } from 'porch'", 'files of the same package are imported by path'],
    [
      'packages/porch/src/git/a.ts',
      "import { a } from '../../../../e2e/harness/x.ts'",
      'sources import nothing outside their package by path',
    ],
    [
      'packages/porch/src/git/a.test.ts',
      "import { a } from '../../../../bench/x.ts'",
      'sources import nothing outside their package by path',
    ],
    ['packages/porch/src/git/a.ts', "import { a } from '../engine/x.ts'", 'git may import resources, not engine'],
    ['packages/porch/src/git/a.ts', "import { a } from '../index.ts'", 'git may import resources, not the entry point'],
    [
      'packages/porch/src/resources/a.ts',
      "import type { A } from '../git/x.ts'",
      'resources may import none of the others, not git',
    ],
    [
      'packages/porch/src/api/p/a.ts',
      "import { a } from '../../cache/x.ts'",
      'api may import engine, resources, not cache',
    ],
    [
      'packages/porch/src/api/p/a.ts',
      "import { openSqliteStore } from '@porch/apiserver'",
      'api imports no storage driver: openSqliteStore',
    ],
    ['packages/porch/src/engine/a.ts', "import { createServer } from 'node:http'", 'engine imports nothing of HTTP'],
    ['packages/porch/src/engine/a.ts', "import { createServer } from 'http'", 'engine imports nothing of HTTP'],
    [
      'packages/porch/src/engine/a.ts',
      "import * as apiserver from '@porch/apiserver'",
      'engine imports nothing of HTTP: import by name what is needed of @porch/apiserver',
    ],
    [
      'packages/porch/src/api/p/a.ts',
      "type Open = typeof import('@porch/apiserver').openSqliteStore",
      'api imports no storage driver: import by name what is needed of @porch/apiserver',
    ],
    [
      'packages/porch/src/git/a.ts',
      "import { a } from './b.test-support.ts'",
      'what is there for tests is imported by tests only',
    ],
    [
      'packages/kpt/src/functions/a.ts',
      "import { a } from '../testing/run-function.ts'",
      'what is there for tests is imported by tests only',
    ],
    [
      'packages/kpt/src/functions/a.ts',
      "import fc from 'fast-check'",
      'fast-check is imported by tests only: name the file *.test-support.ts',
    ],
    [
      'packages/porch/src/git/a.ts',
      'const a = await import(`../${name}.ts`)',
      'an import says in quotes what it imports',
    ],
    [
      'packages/porch/src/engine/a.ts',
      "import { type ApiServer } from '@porch/apiserver'",
      'engine imports nothing of HTTP: ApiServer',
    ],
    [
      'packages/porch/src/engine/a.ts',
      "import { a } from '../api/x.ts'",
      'engine may import cache, outbox, git, resources, not api',
    ],
    [
      'packages/porch/src/cli/a.ts',
      "const a = await import('../engine/x.ts')",
      'cli may import server, import, resources, not engine',
    ],
    [
      'packages/porch/src/fresh/a.ts',
      "import { a } from '../git/x.ts'",
      'no direction is known for the folder fresh: add it to ARCHITECTURE.md and here',
    ],
    [
      'packages/fresh/src/a.ts',
      "import { a } from '@porch/kpt'",
      'no direction is known for packages/fresh: add it to ARCHITECTURE.md and here',
    ],
  ])('refuses in %s: %s', (file, text, rule) => {
    expect(rules(file, text)).toEqual([rule]);
  });

  it('names file, line and specifier', () => {
    const source = "import { a } from './a.ts';\n\nimport { b } from '../engine/b.ts';\n";
    expect(checkImports(new Map([['packages/porch/src/cache/c.ts', source]]))).toEqual([
      {
        file: 'packages/porch/src/cache/c.ts',
        line: 3,
        specifier: '../engine/b.ts',
        rule: 'cache may import git, resources, not engine',
      },
    ]);
  });
});
