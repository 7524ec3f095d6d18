import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderPackage } from '../pipeline/render-package.ts';
import type { FunctionResult } from '../pipeline/results.ts';
import { createBuiltInRuntime } from '../runtimes/built-in-runtime.ts';
import { imageBaseName } from '../runtimes/image-reference.ts';
import { canonicalFile, type GoldenCase, goldenCases, goldenFolder } from '../testing/golden-cases.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import { parseResources, printFile } from '../yaml/resource-file.ts';
import { builtInFunctions } from './catalogue.ts';

const folder = goldenFolder('catalog');
const runtime = createBuiltInRuntime(builtInFunctions);

interface Outcome {
  readonly files: ReadonlyMap<string, string>;
  readonly exitCode: number;
  readonly results: readonly FunctionResult[];
}

function render(files: ReadonlyMap<string, string>): Outcome {
  const { files: rendered, result } = renderPackage(files, { defaultImagePrefix: '' }, runtime);
  return { files: rendered, exitCode: result.exitCode, results: result.items ?? [] };
}

/** Runs one function on a package outside of any pipeline; the package's Kptfile and configuration files are no items. */
function evaluate({ files, config }: GoldenCase): Outcome {
  const fn = builtInFunctions.get(imageBaseName(config.image));
  if (fn === undefined) throw new Error(`no function for ${config.image}`);
  // Paths of configurations are relative to the folder of the expectations.
  const configFile = config.fnConfig?.replace(/^\.\.\//, '');
  const documents = new Map(
    [...files]
      .filter(([path]) => /\.ya?ml$/.test(path) && path !== configFile)
      .map(([path, text]) => [path, parseResources(path, text)]),
  );
  const items = [...documents].flatMap(([path, list]) =>
    list.map((document, index) => new KrmObject(document, path, index)),
  );
  const output = fn.run({ items, config: evalConfig(files, configFile, config.args) });
  const printed = new Map(files);
  const kept = output.items ?? items;
  for (const path of new Set([...documents.keys(), ...kept.map(({ path: of }) => of ?? 'new.yaml')])) {
    const inFile = kept.filter((object) => (object.path ?? 'new.yaml') === path);
    printed.set(
      path,
      printFile(
        path,
        inFile.map((object) => object.source),
      ),
    );
  }
  const exitCode = output.failed === undefined ? 0 : 1;
  const results = [{ image: config.image, exitCode, results: [...output.results] }];
  return { files: printed, exitCode, results };
}

function evalConfig(
  files: ReadonlyMap<string, string>,
  file: string | undefined,
  args: GoldenCase['config']['args'],
): KrmObject | undefined {
  if (file !== undefined) {
    const [document] = parseResources(file, files.get(file) ?? '');
    return document && new KrmObject(document, file, 0);
  }
  if (args === undefined) return undefined;
  const data = Object.fromEntries(Object.entries(args).map(([key, value]) => [key, String(value)]));
  return KrmObject.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'function-input' }, data });
}

function imagesOf({ files, config }: GoldenCase): string[] {
  if (config.testType === 'eval') return [config.image];
  const kptfiles = [...files].filter(([path]) => basename(path) === 'Kptfile').map(([, text]) => text);
  return kptfiles.flatMap((text) => [...text.matchAll(/^\s*-?\s*image: *(\S+)/gm)].map((match) => match[1] ?? ''));
}

describe.skipIf(folder === undefined)("the function catalogue's golden cases", () => {
  for (const golden of folder === undefined ? [] : goldenCases(folder)) {
    const { name, config } = golden;
    const unknown = imagesOf(golden).find((image) => runtime.find(image) === undefined);
    const reason = unknown === undefined ? '' : ` (needs ${imageBaseName(unknown)})`;
    it.skipIf(unknown !== undefined)(name + reason, () => {
      const outcome = config.testType === 'eval' ? evaluate(golden) : render(golden.files);
      expect(outcome.exitCode).toBe(golden.results === undefined ? config.exitCode : exitCodeOf(golden.results));
      if (golden.results !== undefined) {
        // A reader of the expectation and a reader of our answer must see the same.
        expect(parse(JSON.stringify(outcome.results))).toEqual(golden.results);
      }
      const expected = golden.expected();
      if (config.testType === 'eval' && movesFiles.includes(imageBaseName(config.image))) {
        expect(objects(outcome.files)).toEqual(objects(expected));
        return;
      }
      expect([...outcome.files.keys()].sort()).toEqual([...expected.keys()].sort());
      for (const [path, text] of expected) {
        expect(canonicalFile(path, outcome.files.get(path) ?? ''), path).toEqual(canonicalFile(path, text));
      }
    });
  }
});

/** Functions whose original loses track of files and so has everything written to new ones; ours leaves files where they are. */
const movesFiles = ['ensure-name-substring'];

/** What the files hold, wherever it stands. */
function objects(files: ReadonlyMap<string, string>): unknown[] {
  const contents = [...files].filter(([path]) => /(\.yaml|Kptfile)$/.test(path));
  return contents
    .flatMap(([path, text]) => canonicalFile(path, text))
    .map((text) => String(text).replace(/^---\n/, ''))
    .sort();
}

function exitCodeOf(results: readonly FunctionResult[]): number {
  return results.some(({ exitCode }) => exitCode !== 0) ? 1 : 0;
}
