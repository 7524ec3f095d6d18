import { getAttribute } from '../builtins/attributes.ts';
import { StarlarkError } from '../errors.ts';
import { sizes } from '../limits.ts';
import { indexed, sliced } from '../operators/index-slice.ts';
import { unary } from '../operators/unary.ts';
import type { Expression } from '../syntax/ast.ts';
import { Dict } from '../values/dict.ts';
import { List } from '../values/list.ts';
import { repr } from '../values/repr.ts';
import { Tuple } from '../values/tuple.ts';
import { isTrue, type Value } from '../values/value.ts';
import { compileBinary } from './compile-binary.ts';
import { compileCall } from './compile-call.ts';
import { compileComprehension } from './compile-comprehension.ts';
import { compileLambda } from './compile-function.ts';
import type { Evaluate, Frame } from './frame.ts';
import { compileRead } from './variables.ts';

/** Turns an expression into a function that evaluates it. */
export function compileExpression(expression: Expression): Evaluate {
  switch (expression.kind) {
    case 'name':
      return compileRead(expression);
    case 'literal': {
      const { value } = expression;
      return () => value;
    }
    case 'list': {
      const items = compileAll(expression.items);
      return (frame) => {
        frame.thread.budget.allocate(sizes.list);
        return new List(evaluateAll(items, frame));
      };
    }
    case 'tuple': {
      const items = compileAll(expression.items);
      return (frame) => {
        frame.thread.budget.allocate(sizes.list);
        return new Tuple(evaluateAll(items, frame));
      };
    }
    case 'dict':
      return compileDict(expression);
    case 'unary':
      return compileUnary(expression);
    case 'binary':
      return compileBinary(expression);
    case 'conditional': {
      const condition = compileExpression(expression.condition);
      const whenTrue = compileExpression(expression.whenTrue);
      const whenFalse = compileExpression(expression.whenFalse);
      return (frame) => (isTrue(condition(frame)) ? whenTrue(frame) : whenFalse(frame));
    }
    case 'comprehension':
      return compileComprehension(expression);
    case 'call':
      return compileCall(expression);
    case 'dot':
      return compileDot(expression);
    case 'index':
      return compileIndex(expression);
    case 'slice':
      return compileSlice(expression);
    case 'lambda':
      return compileLambda(expression);
  }
}

/** Turns expressions into functions that evaluate them. */
export function compileAll(expressions: readonly Expression[]): Evaluate[] {
  return expressions.map(compileExpression);
}

/** Evaluates expressions from left to right. */
export function evaluateAll(expressions: readonly Evaluate[], frame: Frame): Value[] {
  frame.thread.budget.allocate(16 * expressions.length);
  const values: Value[] = new Array(expressions.length);
  for (let index = 0; index < expressions.length; index++) {
    const evaluate = expressions[index];
    if (evaluate !== undefined) values[index] = evaluate(frame);
  }
  return values;
}

function compileDict({ entries }: Extract<Expression, { kind: 'dict' }>): Evaluate {
  const compiled = entries.map(({ key, value, position }) => ({
    key: compileExpression(key),
    value: compileExpression(value),
    position,
  }));
  return (frame) => {
    const { budget } = frame.thread;
    budget.allocate(sizes.table);
    const dict = new Dict();
    for (const { key: evaluateKey, value: evaluateValue, position } of compiled) {
      const key = evaluateKey(frame);
      const value = evaluateValue(frame);
      frame.position = position;
      const before = dict.length;
      dict.set(key, value, budget);
      if (dict.length === before) throw new StarlarkError(`duplicate key: ${repr(key, budget)}`);
    }
    return dict;
  };
}

function compileUnary({ operator, operand, position }: Extract<Expression, { kind: 'unary' }>): Evaluate {
  const evaluate = compileExpression(operand);
  if (operator === 'not') return (frame) => !isTrue(evaluate(frame));
  return (frame) => {
    const value = evaluate(frame);
    frame.position = position;
    return unary(operator, value, frame.thread.budget);
  };
}

function compileDot({ object, name, position }: Extract<Expression, { kind: 'dot' }>): Evaluate {
  const evaluate = compileExpression(object);
  return (frame) => {
    const value = evaluate(frame);
    frame.position = position;
    frame.thread.budget.allocate(sizes.method);
    return getAttribute(value, name);
  };
}

function compileIndex({ object, key, position }: Extract<Expression, { kind: 'index' }>): Evaluate {
  const [evaluateObject, evaluateKey] = [compileExpression(object), compileExpression(key)];
  return (frame) => {
    const container = evaluateObject(frame);
    const index = evaluateKey(frame);
    frame.position = position;
    return indexed(container, index, frame.thread.budget);
  };
}

function compileSlice({ object, start, end, step, position }: Extract<Expression, { kind: 'slice' }>): Evaluate {
  const evaluate = compileExpression(object);
  const parts = [start, end, step].map((part) => (part === undefined ? undefined : compileExpression(part)));
  return (frame) => {
    const container = evaluate(frame);
    const [from, to, stride] = parts.map((part) => part?.(frame));
    frame.position = position;
    return sliced(container, from, to, stride, frame.thread.budget);
  };
}
