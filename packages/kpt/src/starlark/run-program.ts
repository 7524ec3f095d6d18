import { universe } from './builtins/universe.ts';
import { StarlarkError, StarlarkLimitError, StarlarkSyntaxError } from './errors.ts';
import { compileBlock } from './evaluate/compile-statement.ts';
import { Frame } from './evaluate/frame.ts';
import { Thread } from './evaluate/thread.ts';
import type { Budget, Limits } from './limits.ts';
import { defaultLimits } from './limits.ts';
import { resolveProgram } from './resolve/resolver.ts';
import { parseProgram } from './syntax/parser.ts';
import { freeze, type Value } from './values/value.ts';

/** What a program is run with. */
export interface RunOptions {
  /** What messages call the program. */
  readonly file: string;
  readonly source: string;
  /** The names that the program can use besides those of the language. Made for this run: the values count on its budget. */
  readonly predeclared?: (budget: Budget) => Readonly<Record<string, Value>>;
  /** The modules that `load` can name, each made when it is first loaded. */
  readonly modules?: ReadonlyMap<string, () => Readonly<Record<string, Value>>>;
  /** Takes what `print` says, without an end of line; without it nothing is printed. */
  readonly print?: (text: string) => void;
  readonly limits?: Partial<Limits>;
}

/** What a program leaves. */
export interface RunResult {
  /** Its names outside of functions; all values are frozen. */
  readonly globals: ReadonlyMap<string, Value>;
  /** What is left to work on values of the program, within the same limits. */
  readonly budget: Budget;
  /** How many steps it took. */
  readonly steps: number;
}

/**
 * Runs a program. It can reach nothing but what it is given.
 *
 * @param finish - called with the budget after the program, before its values are frozen; what it throws counts as the program's
 * @throws StarlarkError for everything that is the program's own doing, with the traceback where it was running
 */
export function runProgram(options: RunOptions, finish?: (budget: Budget) => void): RunResult {
  const { file, source, print = () => {}, limits } = options;
  const modules: NonNullable<RunOptions['modules']> = options.modules ?? new Map();
  const loaded = new Map<string, Readonly<Record<string, Value>> | undefined>();
  const thread = new Thread({
    file,
    limits: { ...defaultLimits, ...limits },
    print,
    load(name) {
      if (!loaded.has(name)) {
        const members = modules.get(name)?.();
        if (members !== undefined) freeze(...Object.values(members));
        loaded.set(name, members);
      }
      return loaded.get(name);
    },
    moduleNames: () => [...modules.keys()].sort(),
  });
  try {
    const program = parseProgram(file, source);
    const predeclared = new Map([...universe, ...Object.entries(options.predeclared?.(thread.budget) ?? {})]);
    const { globals: names, scope } = resolveProgram(program, predeclared);
    const execute = compileBlock(program.statements);
    const globals: (Value | undefined)[] = new Array(names.names.length).fill(undefined);
    const locals = scope.variables.map(({ isCaptured }) => (isCaptured ? { value: undefined } : undefined));
    const frame = new Frame(thread, { name: '<toplevel>', position: { line: 1, column: 1 } }, locals, [], globals);
    thread.enter(frame);
    execute(frame);
    thread.leave();
    finish?.(thread.budget);
    const found = names.names.flatMap((name, index): [string, Value][] => {
      const value = globals[index];
      return value === undefined ? [] : [[name, value]];
    });
    freeze(...found.map(([, value]) => value));
    return { globals: new Map(found), budget: thread.budget, steps: thread.budget.steps };
  } catch (error) {
    throw explained(error, thread);
  }
}

/** The error of a program, with its traceback; what JavaScript refuses for its size or depth counts as a limit. */
function explained(error: unknown, thread: Thread): unknown {
  const known =
    error instanceof RangeError
      ? new StarlarkLimitError(
          /call stack/.test(error.message)
            ? 'the program is nested too deep'
            : `a value is too large: ${error.message}`,
          { cause: error },
        )
      : error;
  if (known instanceof StarlarkError && !(known instanceof StarlarkSyntaxError)) {
    known.traceback = thread.traceback(known.message);
  }
  return known;
}
