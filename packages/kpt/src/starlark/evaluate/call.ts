import { Arguments } from '../builtins/arguments.ts';
import { StarlarkError } from '../errors.ts';
import { Builtin } from '../values/builtin.ts';
import { StarlarkFunction } from '../values/function.ts';
import { typeName, type Value } from '../values/value.ts';
import { bindArguments } from './bind-arguments.ts';
import { Frame } from './frame.ts';
import type { Thread } from './thread.ts';

/** An argument that is given by name. */
export type NamedArgument = readonly [name: string, value: Value];

/**
 * Calls a function.
 *
 * @throws StarlarkError where the value is no function or does not take these arguments, and for what the function fails with
 */
export function call(
  thread: Thread,
  callee: Value,
  positional: readonly Value[],
  named: readonly NamedArgument[] | undefined,
): Value {
  if (callee instanceof StarlarkFunction) return callFunction(thread, callee, positional, named);
  if (!(callee instanceof Builtin)) throw new StarlarkError(`invalid call of non-function (${typeName(callee)})`);
  thread.budget.step(1);
  return thread.within(callee, () => callee.body(new Arguments(callee.name, thread, positional, named ?? [])));
}

function callFunction(
  thread: Thread,
  callee: StarlarkFunction,
  positional: readonly Value[],
  named: readonly NamedArgument[] | undefined,
): Value {
  const { code } = callee;
  // What a call takes is given back when it is over, apart from variables that a function within has kept.
  thread.budget.step(code.variableCount + 4);
  thread.budget.allocate(32 * code.cells.length);
  const locals = bindArguments(callee, positional, named, thread.budget);
  const frame = new Frame(thread, code, locals, callee.free, callee.globals);
  thread.enter(frame);
  code.body(frame);
  thread.leave();
  return frame.result;
}
