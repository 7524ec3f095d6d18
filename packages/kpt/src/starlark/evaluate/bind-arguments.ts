import { StarlarkError } from '../errors.ts';
import { type Budget, sizes } from '../limits.ts';
import { didYouMean } from '../resolve/spelling.ts';
import { Dict } from '../values/dict.ts';
import type { StarlarkFunction } from '../values/function.ts';
import { Tuple } from '../values/tuple.ts';
import type { Value } from '../values/value.ts';
import type { NamedArgument } from './call.ts';
import type { Cell } from './frame.ts';

/**
 * A function's variables at the start of a call: its parameters have values.
 *
 * @throws StarlarkError where arguments are missing, or given that the function does not take
 */
export function bindArguments(
  callee: StarlarkFunction,
  positional: readonly Value[],
  named: readonly NamedArgument[] | undefined,
  budget: Budget,
): (Value | Cell | undefined)[] {
  const { code, defaults } = callee;
  const { slots, parameters, positionalCount } = code;
  const locals: (Value | Cell | undefined)[] = new Array(code.variableCount).fill(undefined);
  const given = Math.min(positional.length, positionalCount);
  for (let index = 0; index < given; index++) locals[slots[index] ?? 0] = positional[index];
  if (code.sequenceSlot !== undefined) {
    budget.allocate(sizes.list + 16 * (positional.length - given));
    locals[code.sequenceSlot] = new Tuple(positional.slice(given));
  } else if (positional.length > positionalCount) throw tooMany(callee, positional.length);

  if (code.dictSlot !== undefined) budget.allocate(sizes.table);
  const surplus = code.dictSlot === undefined ? undefined : new Dict();
  for (const [name, value] of named ?? []) {
    const index = parameters.indexOf(name);
    if (index >= 0) {
      const slot = slots[index] ?? 0;
      if (locals[slot] !== undefined) throw twice(callee, name);
      locals[slot] = value;
    } else if (surplus !== undefined) {
      if (surplus.get(name, budget) !== undefined) throw twice(callee, name);
      surplus.set(name, value, budget);
    } else {
      const hint = didYouMean(name, parameters);
      throw new StarlarkError(`function ${code.name} got an unexpected keyword argument "${name}"${hint}`);
    }
  }
  if (code.dictSlot !== undefined) locals[code.dictSlot] = surplus;

  if (given < parameters.length) fillDefaults(callee, defaults, locals, given);
  for (const slot of code.cells) locals[slot] = { value: locals[slot] as Value | undefined };
  return locals;
}

function fillDefaults(
  { code }: StarlarkFunction,
  defaults: readonly (Value | undefined)[],
  locals: (Value | Cell | undefined)[],
  from: number,
): void {
  let missing: string[] | undefined;
  for (let index = from; index < code.parameters.length; index++) {
    const slot = code.slots[index] ?? 0;
    if (locals[slot] !== undefined) continue;
    locals[slot] = defaults[index];
    if (defaults[index] !== undefined) continue;
    missing ??= [];
    missing.push(code.parameters[index] ?? '');
  }
  if (missing === undefined) return;
  const count = missing.length === 1 ? '1 argument' : `${missing.length} arguments`;
  throw new StarlarkError(`function ${code.name} missing ${count} (${missing.join(', ')})`);
}

function twice({ code }: StarlarkFunction, name: string): StarlarkError {
  return new StarlarkError(`function ${code.name} got multiple values for parameter "${name}"`);
}

function tooMany({ code, defaults }: StarlarkFunction, given: number): StarlarkError {
  const { positionalCount: most, name } = code;
  if (most === 0) return new StarlarkError(`function ${name} accepts no positional arguments (${given} given)`);
  const bound = defaults.slice(0, most).some((value) => value !== undefined) ? 'at most ' : '';
  const noun = most === 1 ? 'argument' : 'arguments';
  return new StarlarkError(`function ${name} accepts ${bound}${most} positional ${noun} (${given} given)`);
}
