import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import { evaluateDirectory } from '../../local/evaluate-directory.ts';
import { readFunctionConfig } from '../../local/function-config.ts';
import { LocalError } from '../../local/local-error.ts';
import type { LocalRun } from '../../local/local-run.ts';
import { readDirectory } from '../../local/read-directory.ts';
import { renderDirectory } from '../../local/render-directory.ts';
import type { PackageFiles } from '../../package/files.ts';
import type { FunctionResultList } from '../../pipeline/results.ts';
import { expectations, type GoldenCase } from './golden-case.ts';

/** What a run did. */
export interface CaseOutcome {
  readonly exitCode: number;
  readonly files: PackageFiles;
  /** What it printed for people. */
  readonly printed: string;
  /** Undefined where no function was run. */
  readonly results: FunctionResultList | undefined;
}

/** Runs a case on a copy of its package, with the commands that users have. */
export async function runCase({ folder, config }: GoldenCase, schemaDirectory?: string): Promise<CaseOutcome> {
  const temporary = mkdtempSync(join(tmpdir(), 'conformance-'));
  const directory = join(temporary, basename(resolve(folder)));
  const resultsDirectory = join(temporary, 'results');
  let printed = '';
  try {
    cpSync(folder, directory, { recursive: true, filter: (path) => basename(path) !== expectations });
    const run: LocalRun = {
      directory,
      resultsDirectory,
      dryRun: false,
      allowExec: config.allowExec,
      ...(schemaDirectory !== undefined && { schemaDirectory }),
      defaultImagePrefix: 'ghcr.io/kptdev/krm-functions-catalog',
      output: {
        out: () => undefined,
        err: (text) => {
          printed += text;
        },
        columns: undefined,
      },
    };
    const exitCode = config.testType === 'eval' ? await evaluate(run, folder, config) : await renderDirectory(run);
    return { exitCode, files: readDirectory(directory), printed, results: readResults(resultsDirectory) };
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

async function evaluate(run: LocalRun, folder: string, config: GoldenCase['config']): Promise<number> {
  const { image, args, fnConfig } = config;
  const configFile = fnConfig === undefined ? undefined : relative(folder, resolve(folder, expectations, fnConfig));
  try {
    return await evaluateDirectory({
      ...run,
      image,
      args: Object.fromEntries(Object.entries(args).map(([key, value]) => [key, String(value)])),
      ...(configFile !== undefined && { config: readFunctionConfig(resolve(run.directory, configFile)) }),
    });
  } catch (error) {
    if (!(error instanceof LocalError)) throw error;
    run.output.err(`Error: ${error.message}\n`);
    return 1;
  }
}

function readResults(directory: string): FunctionResultList | undefined {
  const path = join(directory, 'results.yaml');
  return existsSync(path) ? (parse(readFileSync(path, 'utf8')) as FunctionResultList) : undefined;
}
