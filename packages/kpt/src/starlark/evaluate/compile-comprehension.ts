import { sizes } from '../limits.ts';
import type { Comprehension, DictEntry, Expression, ForClause, IfClause } from '../syntax/ast.ts';
import { Dict } from '../values/dict.ts';
import { List } from '../values/list.ts';
import { isTrue } from '../values/value.ts';
import { compileTarget } from './compile-assignment.ts';
import { compileExpression } from './compile-expression.ts';
import type { Evaluate, Frame } from './frame.ts';
import { loop } from './loop.ts';
import { bodyCost, stepCost } from './step-cost.ts';

/** Adds the elements that the rest of a comprehension makes to its result. */
type Fill<T> = (frame: Frame, result: T) => void;

/** Turns a comprehension into a function that evaluates it. */
export function compileComprehension({ body, isDict, clauses }: Comprehension): Evaluate {
  if (isDict) {
    const fill = compileClauses(clauses, fillDict(body as DictEntry), bodyCost(body));
    return (frame) => {
      frame.thread.budget.allocate(sizes.table);
      const result = new Dict();
      fill(frame, result);
      return result;
    };
  }
  const fill = compileClauses(clauses, fillList(body as Expression), bodyCost(body));
  return (frame) => {
    frame.thread.budget.allocate(sizes.list + sizes.growth);
    const result = new List([]);
    fill(frame, result);
    return result;
  };
}

function fillList(body: Expression): Fill<List> {
  const evaluate = compileExpression(body);
  return (frame, result) => {
    frame.thread.budget.allocate(32);
    result.items.push(evaluate(frame));
  };
}

function fillDict({ key, value, position }: DictEntry): Fill<Dict> {
  const [evaluateKey, evaluateValue] = [compileExpression(key), compileExpression(value)];
  return (frame, result) => {
    const newKey = evaluateKey(frame);
    const newValue = evaluateValue(frame);
    frame.position = position;
    result.set(newKey, newValue, frame.thread.budget);
  };
}

function compileClauses<T>(clauses: readonly (ForClause | IfClause)[], body: Fill<T>, cost: number): Fill<T> {
  const [clause, ...rest] = clauses;
  if (clause === undefined) {
    return (frame, result) => {
      frame.thread.budget.step(cost);
      body(frame, result);
    };
  }
  const inner = compileClauses(rest, body, cost);
  if (clause.kind === 'if') {
    const condition = compileExpression(clause.condition);
    const conditionCost = stepCost(clause.condition);
    return (frame, result) => {
      frame.thread.budget.step(conditionCost);
      if (isTrue(condition(frame))) inner(frame, result);
    };
  }
  const iterable = compileExpression(clause.iterable);
  const assign = compileTarget(clause.target);
  const { position } = clause;
  return (frame, result) => {
    const value = iterable(frame);
    frame.position = position;
    loop(frame, value, (element) => {
      frame.thread.budget.step(1);
      assign(frame, element);
      inner(frame, result);
      return 0;
    });
  };
}
