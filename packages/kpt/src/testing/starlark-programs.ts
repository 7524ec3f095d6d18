import { describe, expect, it } from 'vitest';
import { StarlarkError } from '../starlark/errors.ts';
import type { Limits } from '../starlark/limits.ts';
import { standardModules } from '../starlark/modules/standard-modules.ts';
import { runProgram } from '../starlark/run-program.ts';
import { repr } from '../starlark/values/repr.ts';

/** The time that programs of tests are told it is, in nanoseconds since 1970. */
const testTime = BigInt(Date.parse('2024-02-29T12:34:56.789Z')) * 1_000_000n;

/** What became of a program. */
export interface ProgramOutcome {
  /** What it printed, line by line. */
  readonly printed: readonly string[];
  /** What it left in `result`, as the language writes it; undefined where it left nothing there. */
  readonly result: string | undefined;
  readonly error: StarlarkError | undefined;
}

/** Runs a program with all modules. */
export function runSource(source: string, limits: Partial<Limits> = {}): ProgramOutcome {
  const printed: string[] = [];
  const options = {
    file: 'test.star',
    source,
    modules: standardModules(() => testTime),
    print: (line: string) => printed.push(line),
    limits,
  };
  try {
    const { globals, budget } = runProgram(options);
    const value = globals.get('result');
    return { printed, result: value === undefined ? undefined : repr(value, budget), error: undefined };
  } catch (error) {
    if (error instanceof StarlarkError) return { printed, result: undefined, error };
    throw error;
  }
}

/** A program, or an expression on one line, and what it gives: its text, or the error that it ends with. */
export type Row = readonly [source: string, outcome: string | { readonly fails: string | RegExp }];

/** Tests rows: each program leaves its result in `result`, unless it is an expression. */
export function testRows(chapter: string, rows: readonly Row[], prelude = ''): void {
  describe(chapter, () => {
    it.each(rows)('%s', (source, outcome) => {
      const isProgram = /\n|^(load|break|for|def)\b|\s[-+*/%&|^]?=\s/.test(source);
      const { result, error } = runSource(`${prelude}\n${isProgram ? source : `result = (${source})`}\n`);
      if (typeof outcome === 'string') {
        expect(error?.message).toBeUndefined();
        expect(result).toBe(outcome);
      } else if (typeof outcome.fails === 'string') {
        expect(error?.message ?? `no error, but ${result}`).toContain(outcome.fails);
      } else {
        expect(error?.message ?? `no error, but ${result}`).toMatch(outcome.fails);
      }
    });
  });
}
