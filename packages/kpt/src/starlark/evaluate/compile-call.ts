import { getAttribute } from '../builtins/attributes.ts';
import { StarlarkError } from '../errors.ts';
import type { CallExpression, Expression } from '../syntax/ast.ts';
import { Dict } from '../values/dict.ts';
import { iterated, typeName, type Value } from '../values/value.ts';
import { call, type NamedArgument } from './call.ts';
import { compileAll, compileExpression, evaluateAll } from './compile-expression.ts';
import type { Evaluate, Frame } from './frame.ts';

/** Turns a call into a function that carries it out. */
export function compileCall({ callee, arguments: given, position }: CallExpression): Evaluate {
  const evaluateCallee = compileCallee(callee);
  const byPosition = compileAll(given.filter(({ form }) => form === 'positional').map(({ value }) => value));
  if (byPosition.length === given.length) {
    return (frame) => {
      const target = evaluateCallee(frame);
      const positional = evaluateAll(byPosition, frame);
      frame.position = position;
      return call(frame.thread, target, positional, undefined);
    };
  }
  const byName = given
    .filter(({ form }) => form === 'named')
    .map(({ name, value }) => ({ name, evaluate: compileExpression(value) }));
  const [sequence, dict] = (['sequence', 'dict'] as const).map((form) => {
    const argument = given.find((other) => other.form === form);
    return argument === undefined ? undefined : compileExpression(argument.value);
  });
  return (frame) => {
    const target = evaluateCallee(frame);
    const positional = evaluateAll(byPosition, frame);
    const named = byName.map(({ name, evaluate }): NamedArgument => [name, evaluate(frame)]);
    const more = sequence?.(frame);
    const moreNamed = dict?.(frame);
    frame.position = position;
    if (more !== undefined) addSequence(more, positional, frame);
    if (moreNamed !== undefined) addDict(moreNamed, named, frame);
    return call(frame.thread, target, positional, named);
  };
}

/** A method that is called at once is nothing to be kept, and not counted. */
function compileCallee(callee: Expression): Evaluate {
  if (callee.kind !== 'dot') return compileExpression(callee);
  const { object, name, position } = callee;
  const evaluate = compileExpression(object);
  return (frame) => {
    const value = evaluate(frame);
    frame.position = position;
    return getAttribute(value, name);
  };
}

function addSequence(value: Value, positional: Value[], frame: Frame): void {
  const elements = iterated(value);
  if (elements === undefined) throw new StarlarkError(`argument after * must be iterable, not ${typeName(value)}`);
  for (const element of elements) {
    frame.thread.budget.elements(1);
    positional.push(element);
  }
}

function addDict(value: Value, named: NamedArgument[], frame: Frame): void {
  if (!(value instanceof Dict)) throw new StarlarkError(`argument after ** must be a mapping, not ${typeName(value)}`);
  for (const [key, element] of value.entries()) {
    if (typeof key !== 'string') throw new StarlarkError(`keywords must be strings, not ${typeName(key)}`);
    frame.thread.budget.elements(1);
    named.push([key, element]);
  }
}
