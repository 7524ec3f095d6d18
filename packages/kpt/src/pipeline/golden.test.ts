import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isCollection, isMap, isNode, parse, visit } from 'yaml';
import { builtInFunctions } from '../functions/catalogue.ts';
import { createBuiltInRuntime } from '../runtimes/built-in-runtime.ts';
import { imageBaseName } from '../runtimes/image-reference.ts';
import { printYaml } from '../yaml/print-node.ts';
import { parseResources } from '../yaml/resource-file.ts';
import { renderPackage } from './render-package.ts';

const fixtures = resolve(process.env.PORCH_FIXTURES ?? '../shared/fixtures', 'render/kpt');
const available = existsSync(fixtures);
if (!available)
  console.warn(`golden cases of kpt are skipped: ${fixtures} is missing; set PORCH_FIXTURES to their folder`);

/** Cases about what other runtimes do, with the reason. */
const notOurs: Record<string, string> = {
  'missing-fn-image': 'shows the words of the container engine',
  'image-pull-policy-never': 'shows the words of the container engine',
  'basicpipeline-semver': 'shows the newest tag of a registry',
  'exec-function-with-args': 'runs an executable, which this program refuses',
  'missing-kptfile': 'a package without a Kptfile is left alone, as the server does',
};

const runtime = createBuiltInRuntime(builtInFunctions);

function readTree(root: string): Map<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => relative(root, join(entry.parentPath, entry.name)));
  return new Map(
    paths
      .filter((path) => !path.startsWith('.expected/'))
      .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  );
}

/** The files as the case says they are after rendering. */
function expectedTree(root: string): Map<string, string> {
  const patch = join(root, '.expected', 'diff.patch');
  if (!existsSync(patch)) return readTree(root);
  const directory = mkdtempSync(join(tmpdir(), 'golden-'));
  try {
    cpSync(root, directory, { recursive: true });
    execFileSync('git', ['apply', '--whitespace=nowarn', patch], {
      cwd: directory,
      env: { PATH: process.env.PATH, GIT_CEILING_DIRECTORIES: tmpdir() },
    });
    return readTree(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A file in one form whatever its blank lines, indentation and order of the Kptfile's fields. */
function canonical(path: string, text: string): unknown {
  if (basename(path) === 'Kptfile' && isReadable(text)) return withoutWords(parse(text) as Record<string, unknown>);
  if (!/\.ya?ml$/.test(path)) return text;
  return parseResources(path, text)
    .filter((resource) => !resource.isEmpty)
    .map(({ document }) => {
      // kpt puts annotations before what functions add to the metadata, because it had put some there itself.
      const metadata = document.get('metadata');
      if (isMap(metadata)) metadata.items.sort((a, b) => (String(a.key) < String(b.key) ? -1 : 1));
      visit(document, (_, node) => {
        if (isNode(node)) node.spaceBefore = false;
        if (isCollection(node)) delete node.flow;
      });
      return printYaml(document, 'compact').replace(/^(#.*\n|\n)+/, '');
    });
}

function isReadable(text: string): boolean {
  try {
    return parse(text) !== null;
  } catch {
    return false;
  }
}

/** The Kptfile without the error texts, which are ours. */
function withoutWords(kptfile: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify(kptfile), (key, value) => {
    if (key === 'stderr') return undefined;
    if (key === 'conditions' && Array.isArray(value)) return value.map(({ message: _, ...rest }) => rest);
    return value;
  });
}

const cases = available
  ? globSync('**/.expected', { cwd: fixtures })
      .map((path) => dirname(path))
      .sort()
  : [];

function imagesOf(files: ReadonlyMap<string, string>): string[] {
  const kptfiles = [...files].filter(([path]) => basename(path) === 'Kptfile').map(([, text]) => text);
  return kptfiles.flatMap((text) => [...text.matchAll(/^\s*-?\s*image: *(\S+)/gm)].map((match) => match[1] ?? ''));
}

describe.skipIf(!available)("kpt's golden cases", () => {
  for (const name of cases) {
    const files = readTree(join(fixtures, name));
    const unknown = imagesOf(files).find((image) => !runtime.find(image));
    const reason = notOurs[name] ?? (unknown === undefined ? undefined : `needs ${imageBaseName(unknown)}`);
    it.skipIf(reason !== undefined)(reason === undefined ? name : `${name} (${reason})`, () => {
      const config = join(fixtures, name, '.expected', 'config.yaml');
      const wanted = existsSync(config)
        ? ((parse(readFileSync(config, 'utf8')) as { exitCode?: number } | null) ?? {})
        : {};
      const rendered = renderPackage(files, { defaultImagePrefix: 'ghcr.io/kptdev/krm-functions-catalog' }, runtime);
      expect(rendered.result.exitCode, rendered.error).toBe(wanted.exitCode ?? 0);
      const expected = expectedTree(join(fixtures, name));
      expect([...rendered.files.keys()].sort()).toEqual([...expected.keys()].sort());
      for (const [path, text] of expected) {
        expect(canonical(path, rendered.files.get(path) ?? ''), path).toEqual(canonical(path, text));
      }
    });
  }
});
