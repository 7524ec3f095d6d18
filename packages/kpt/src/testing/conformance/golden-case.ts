import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { readDirectory } from '../../local/read-directory.ts';
import type { PackageFiles } from '../../package/files.ts';
import type { FunctionResultList } from '../../pipeline/results.ts';

/** The folder of a case that says what a run makes of the rest. */
export const expectations = '.expected';

/** What `.expected/config.yaml` says, as far as it is looked at. */
export interface GoldenConfig {
  readonly skip: boolean;
  readonly exitCode: number;
  readonly testType: 'render' | 'eval';
  /** Text that is part of what the run prints for people. */
  readonly stdErr: string | undefined;
  readonly stdErrRegEx: string | undefined;
  /** Lines that do not count in what the run prints. */
  readonly stdErrStripLines: readonly string[];
  readonly imagePullPolicy: string | undefined;
  /** Whether programs that pipelines name are run. */
  readonly allowExec: boolean;
  /** The function of an `eval` case, its arguments, and the file of its configuration, relative to the folder of expectations. */
  readonly image: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly fnConfig: string | undefined;
}

/** One case of kpt's layout: a package, and what a run makes of it. */
export interface GoldenCase {
  /** Its path below the folder that was asked for. */
  readonly name: string;
  readonly folder: string;
  readonly config: GoldenConfig;
  /** The package before the run. */
  readonly files: PackageFiles;
  /** What the functions report; undefined where the case does not say. */
  readonly results: FunctionResultList | undefined;
  /** Scripts that take the place of a plain run. */
  readonly scripts: readonly string[];
}

/** All cases below a folder, by name. */
export function goldenCases(folder: string): readonly GoldenCase[] {
  const names = globSync(`**/${expectations}`, { cwd: folder }).map((path) => dirname(path));
  return names.sort().map((name) => readCase(join(folder, name), name));
}

function readCase(folder: string, name: string): GoldenCase {
  const path = (file: string) => join(folder, expectations, file);
  const read = (file: string): unknown =>
    existsSync(path(file)) ? parse(readFileSync(path(file), 'utf8'), { logLevel: 'error' }) : undefined;
  const config = (read('config.yaml') ?? {}) as Partial<GoldenConfig>;
  const files = [...readDirectory(folder)].filter(([file]) => !file.startsWith(`${expectations}/`));
  return {
    name,
    folder,
    config: {
      skip: config.skip ?? false,
      exitCode: config.exitCode ?? 0,
      testType: config.testType ?? 'render',
      stdErr: config.stdErr,
      stdErrRegEx: config.stdErrRegEx,
      stdErrStripLines: config.stdErrStripLines ?? [],
      imagePullPolicy: config.imagePullPolicy,
      allowExec: config.allowExec ?? false,
      image: config.image ?? '',
      args: config.args ?? {},
      fnConfig: config.fnConfig,
    },
    files: new Map(files),
    results: read('results.yaml') as FunctionResultList | undefined,
    scripts: ['setup.sh', 'exec.sh', 'teardown.sh'].filter((file) => existsSync(path(file))),
  };
}
