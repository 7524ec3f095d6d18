import { changedFiles } from '../../local/changed-files.ts';
import { unifiedDiff } from '../../local/unified-diff.ts';
import { kptfileName, type PackageFiles } from '../../package/files.ts';
import { baseName } from '../../package/package-paths.ts';
import { imageBaseName } from '../../runtimes/image-reference.ts';
import { canonicalFile } from './canonical-file.ts';
import { comparablePrint, withExpectedWords } from './compare-words.ts';
import { expectedFiles } from './expected-files.ts';
import type { GoldenCase } from './golden-case.ts';
import { kptfileValues, printValue } from './kptfile-value.ts';
import type { CaseOutcome } from './run-case.ts';

/** Functions that forget, as containers, which file an object is of, so that all go to new files; here they stay where they are. */
const movesFiles = ['ensure-name-substring'];

/** What is wrong with an outcome, in words and diffs; empty where it is as the case says. */
export function outcomeProblems(golden: GoldenCase, outcome: CaseOutcome): readonly string[] {
  return [
    ...exitCodeProblems(golden, outcome),
    ...printedProblems(golden, outcome),
    ...resultProblems(golden, outcome),
    ...fileProblems(golden, outcome),
  ];
}

function exitCodeProblems({ config, results }: GoldenCase, { exitCode, printed }: CaseOutcome): readonly string[] {
  // The catalogue's cases say it in one of two places.
  const wanted = Math.max(config.exitCode, results?.exitCode ?? 0);
  return wanted === exitCode ? [] : [`exit code ${exitCode} instead of ${wanted}; printed:\n${printed}`];
}

function printedProblems({ config }: GoldenCase, { printed }: CaseOutcome): readonly string[] {
  const [expected, text] = comparablePrint(config.stdErr ?? '', printed);
  const lines = text.split('\n').filter((line) => !config.stdErrStripLines.includes(line));
  const actual = lines.join('\n');
  const problems: string[] = [];
  if (!actual.includes(expected)) problems.push(`printed text lacks:\n${expected}\nprinted:\n${printed}`);
  if (config.stdErrRegEx !== undefined && !new RegExp(config.stdErrRegEx).test(actual)) {
    problems.push(`printed text does not match ${config.stdErrRegEx}; printed:\n${printed}`);
  }
  return problems;
}

function resultProblems({ results: wanted }: GoldenCase, { results }: CaseOutcome): readonly string[] {
  if (wanted === undefined) return [];
  const [expected, actual] = [printValue(wanted), printValue(withExpectedWords(wanted, results ?? {}))];
  return expected === actual ? [] : [`results differ ${showDifference('results.yaml', expected, actual)}`];
}

function fileProblems(golden: GoldenCase, { files }: CaseOutcome): readonly string[] {
  const { config } = golden;
  const wanted = expectedFiles(golden);
  // Older cases come from before rendering left a status.
  const withStatus = /^status:$/m.test(wanted.get(kptfileName) ?? '');
  if (config.testType === 'eval' && movesFiles.includes(imageBaseName(config.image))) {
    const [before, after] = [contents(wanted), contents(files)];
    return before === after ? [] : [`objects differ ${showDifference('objects', before, after)}`];
  }
  const [expected, actual] = comparable(wanted, files, withStatus);
  return changedFiles(expected, actual).map(
    ({ path, before, after }) => `files differ ${showDifference(path, before, after)}`,
  );
}

/** Both versions of each file in the form they are compared in. */
function comparable(
  expected: PackageFiles,
  actual: PackageFiles,
  withStatus: boolean,
): readonly [PackageFiles, PackageFiles] {
  const pairs = [new Map<string, string>(), new Map<string, string>()] as const;
  for (const path of new Set([...expected.keys(), ...actual.keys()])) {
    const texts = [expected.get(path), actual.get(path)] as const;
    const forms =
      baseName(path) === kptfileName && texts[0] !== undefined && texts[1] !== undefined
        ? kptfileValues(texts[0], texts[1], withStatus)
        : texts.map((text) => text && canonicalFile(path, text));
    for (const [index, form] of forms.entries()) if (form !== undefined) pairs[index]?.set(path, form);
  }
  return pairs;
}

/** What the files hold, wherever it stands. */
function contents(files: PackageFiles): string {
  return [...files]
    .filter(([path]) => baseName(path) !== '.krmignore')
    .flatMap(([, text]) => canonicalFile('objects.yaml', text).split('---\n'))
    .sort()
    .join('---\n');
}

function showDifference(path: string, before: string | undefined, after: string | undefined): string {
  const change = { path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
  return `(- expected, + actual):\n${unifiedDiff([change])}`;
}
