import type { FunctionScope } from '../resolve/binding.ts';
import type { DefStatement, LambdaExpression, Parameter } from '../syntax/ast.ts';
import { StarlarkFunction } from '../values/function.ts';
import { compileExpression } from './compile-expression.ts';
import { compileBlock } from './compile-statement.ts';
import type { Cell, Evaluate, Execute, Frame } from './frame.ts';
import type { FunctionCode } from './function-code.ts';
import { stepCost } from './step-cost.ts';

/** Turns `def` into a function that makes the function. */
export function compileDef({ name, parameters, position, body, scope }: DefStatement): Evaluate {
  return compileFunction(name.name, position, parameters, compileBlock(body), scope);
}

/** Turns `lambda` into a function that makes the function. */
export function compileLambda({ parameters, position, body, scope }: LambdaExpression): Evaluate {
  const evaluate = compileExpression(body);
  const cost = stepCost(body);
  const execute: Execute = (frame) => {
    frame.thread.budget.step(cost);
    frame.result = evaluate(frame);
    return 3;
  };
  return compileFunction('lambda', position, parameters, execute, scope);
}

function compileFunction(
  name: string,
  position: FunctionCode['position'],
  parameters: readonly Parameter[],
  body: Execute,
  scope: FunctionScope | undefined,
): Evaluate {
  if (scope === undefined) throw new TypeError(`the function ${name} has not been resolved`);
  const slotOf = (parameter: Parameter | undefined) =>
    parameter && scope.variables.find((variable) => variable.name === parameter.name.name)?.slot;
  const star = parameters.findIndex(({ form }) => form === 'sequence');
  const plain = parameters.filter(({ form }) => form === 'plain');
  const sequence = parameters[star];
  const code: FunctionCode = {
    name,
    position,
    parameters: plain.map((parameter) => parameter.name.name),
    positionalCount: star < 0 ? plain.length : star,
    sequenceSlot: sequence?.name.name === '' ? undefined : slotOf(sequence),
    dictSlot: slotOf(parameters.find(({ form }) => form === 'dict')),
    slots: plain.map((parameter) => slotOf(parameter) ?? 0),
    variableCount: scope.variables.length,
    cells: scope.variables.filter(({ isCaptured }) => isCaptured).map(({ slot }) => slot),
    body,
  };
  const defaults = plain.map(({ default: value }) => (value === undefined ? undefined : compileExpression(value)));
  const captures = scope.free.map((variable) => {
    const isOwn = variable.owner === scope.parent;
    const index = isOwn ? variable.slot : (scope.parent?.freeIndex(variable) ?? 0);
    return { isOwn, index };
  });
  return (frame) => {
    frame.thread.budget.elements(captures.length + defaults.length + 4);
    const values = defaults.map((evaluate) => evaluate?.(frame));
    return new StarlarkFunction(
      code,
      values,
      captures.map((capture) => captured(frame, capture)),
      frame.globals,
    );
  };
}

function captured(frame: Frame, { isOwn, index }: { isOwn: boolean; index: number }): Cell {
  const cell = isOwn ? (frame.locals[index] as Cell) : frame.free[index];
  if (cell === undefined) throw new TypeError('a captured variable has no cell');
  return cell;
}
