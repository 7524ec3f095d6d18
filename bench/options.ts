import { parseArgs } from 'node:util';

/** What a run is asked to do. */
export interface BenchOptions {
  /** Numbers of published revisions, ascending. */
  readonly sizes: readonly number[];
  /** Folder for the results. */
  readonly out: string;
  /** Scenarios to run; undefined: all. */
  readonly only: ReadonlySet<string> | undefined;
  readonly quick: boolean;
  /** Folder for CPU profiles of the server; undefined: none are taken. */
  readonly profile: string | undefined;
}

const quickSizes = [10, 1000];
const fullSizes = [10, 1000, 10_000];

/** The text of `--help`. */
export function helpText(scenarios: readonly string[]): string {
  return `Usage: npm run bench -- [options]

Measures a server against a Git server on this machine, and prints a table.

  --sizes N,N      published revisions in the repository (default: ${fullSizes.join(',')}; with --quick: ${quickSizes.join(',')})
  --only NAME,NAME scenarios to run (default: all): ${scenarios.join(', ')}
  --quick          fewer rounds
  --out DIR        where results.md and results.json go (default: bench/results)
  --profile DIR    take CPU profiles of the server and put them here; the numbers suffer
  --help           this text
`;
}

/** Reads the command line; undefined when help was asked for. @throws Error that says what is wrong with it */
export function readOptions(args: readonly string[], scenarios: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sizes: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      out: { type: 'string', default: 'bench/results' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const only = values.only?.split(',');
  const unknown = only?.find((name) => !scenarios.includes(name));
  if (unknown !== undefined) throw new Error(`--only: no scenario ${unknown}; there are ${scenarios.join(', ')}`);
  return {
    sizes: values.sizes === undefined ? (values.quick ? quickSizes : fullSizes) : readSizes(values.sizes),
    out: values.out,
    only: only && new Set(only),
    quick: values.quick,
    profile: values.profile,
  };
}

function readSizes(text: string): number[] {
  const sizes = text.split(',').map((part) => (/^[0-9]{1,6}$/.test(part) ? Number(part) : 0));
  if (sizes.some((size) => size < 1)) throw new Error(`--sizes: give whole numbers from 1 on, for example 10,1000`);
  return sizes.sort((a, b) => a - b);
}
