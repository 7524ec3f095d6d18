import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { isCollection, isNode, parse, visit } from 'yaml';
import type { FunctionResult } from '../pipeline/results.ts';
import { printYaml } from '../yaml/print-node.ts';
import { parseResources } from '../yaml/resource-file.ts';

/** What a case of the function catalogue expects: `.expected/config.yaml`. */
export interface GoldenConfig {
  readonly exitCode: number;
  readonly testType: 'render' | 'eval';
  /** The function of an `eval` case, its arguments, and the file of its configuration. */
  readonly image: string;
  readonly args: Readonly<Record<string, string>> | undefined;
  readonly fnConfig: string | undefined;
}

/** One case: a package, and what a run makes of it. */
export interface GoldenCase {
  readonly name: string;
  readonly config: GoldenConfig;
  readonly files: ReadonlyMap<string, string>;
  /** The files after the run. */
  readonly expected: () => ReadonlyMap<string, string>;
  /** The results of the run's functions, where the case lists them. */
  readonly results: readonly FunctionResult[] | undefined;
}

/** The folder of golden cases of this name; undefined, after a warning, where it is missing. */
export function goldenFolder(name: string): string | undefined {
  const folder = resolve(process.env.PORCH_FIXTURES ?? '../shared/fixtures', 'render', name);
  if (existsSync(folder)) return folder;
  console.warn(`golden cases are skipped: ${folder} is missing; set PORCH_FIXTURES to the folder of the fixtures`);
  return undefined;
}

/** All cases below a folder, sorted. */
export function goldenCases(folder: string): GoldenCase[] {
  const names = globSync('**/.expected', { cwd: folder }).map((path) => dirname(path));
  return names.sort().map((name) => readCase(join(folder, name), name));
}

function readCase(root: string, name: string): GoldenCase {
  const read = (file: string): unknown => {
    const path = join(root, '.expected', file);
    return existsSync(path) ? parse(readFileSync(path, 'utf8')) : undefined;
  };
  const config = { exitCode: 0, testType: 'render', image: '', ...(read('config.yaml') ?? {}) } as GoldenConfig;
  const results = read('results.yaml') as { items?: FunctionResult[] } | undefined;
  return { name, config, files: readTree(root), expected: () => patchedTree(root), results: results?.items };
}

function readTree(root: string): Map<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => relative(root, join(entry.parentPath, entry.name))).sort();
  return new Map(
    paths
      .filter((path) => !/^\.(expected|git)\//.test(path))
      .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  );
}

function patchedTree(root: string): Map<string, string> {
  const patch = join(root, '.expected', 'diff.patch');
  if (!existsSync(patch)) return readTree(root);
  const directory = mkdtempSync(join(tmpdir(), 'golden-'));
  try {
    cpSync(root, directory, { recursive: true });
    const env = { PATH: process.env.PATH, GIT_CEILING_DIRECTORIES: tmpdir() };
    execFileSync('git', ['apply', '--whitespace=nowarn', patch], { cwd: directory, env });
    return readTree(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * A file in one form whatever its blank lines, indentation and flow style, and a Kptfile without the status that rendering
 * leaves in it, so that files can be compared that two formatters wrote.
 */
export function canonicalFile(path: string, text: string): unknown {
  if (!/\.ya?ml$/.test(path) && basename(path) !== 'Kptfile') return text;
  return parseResources(path, text)
    .filter((resource) => !resource.isEmpty)
    .map(({ document }) => {
      if (basename(path) === 'Kptfile') document.delete('status');
      visit(document, (_, node) => {
        if (isNode(node)) node.spaceBefore = false;
        if (isCollection(node)) delete node.flow;
      });
      return printYaml(document, 'compact');
    });
}
