import type { ForStatement, IfStatement, Statement, WhileStatement } from '../syntax/ast.ts';
import { isTrue } from '../values/value.ts';
import { compileAssignment, compileTarget } from './compile-assignment.ts';
import { compileExpression } from './compile-expression.ts';
import { compileDef } from './compile-function.ts';
import { compileLoad } from './compile-load.ts';
import type { Execute } from './frame.ts';
import { loop } from './loop.ts';
import { stepCost } from './step-cost.ts';
import { compileWrite } from './variables.ts';

/** Turns statements into a function that carries them out one after the other. */
export function compileBlock(statements: readonly Statement[]): Execute {
  const compiled = statements.map((statement) => ({
    execute: compileStatement(statement),
    cost: costOf(statement),
    position: statement.position,
  }));
  const [only] = compiled;
  if (only !== undefined && compiled.length === 1) {
    const { execute, cost, position } = only;
    return (frame) => {
      frame.position = position;
      frame.thread.budget.step(cost);
      return execute(frame);
    };
  }
  return (frame) => {
    for (const { execute, cost, position } of compiled) {
      frame.position = position;
      frame.thread.budget.step(cost);
      const completion = execute(frame);
      if (completion !== 0) return completion;
    }
    return 0;
  };
}

/** The steps a statement takes, without those of the blocks within it. */
function costOf(statement: Statement): number {
  switch (statement.kind) {
    case 'expression':
      return 1 + stepCost(statement.expression);
    case 'assign':
      return 1 + stepCost(statement.target, statement.value);
    case 'if':
      return 1 + stepCost(...statement.branches.map(({ condition }) => condition));
    case 'for':
      return 1 + stepCost(statement.iterable);
    case 'return':
      return 1 + stepCost(statement.value);
    default:
      return 1;
  }
}

function compileStatement(statement: Statement): Execute {
  switch (statement.kind) {
    case 'expression': {
      const evaluate = compileExpression(statement.expression);
      return (frame) => {
        evaluate(frame);
        return 0;
      };
    }
    case 'assign':
      return compileAssignment(statement);
    case 'def': {
      const [make, write] = [compileDef(statement), compileWrite(statement.name)];
      return (frame) => {
        write(frame, make(frame));
        return 0;
      };
    }
    case 'if':
      return compileIf(statement);
    case 'for':
      return compileFor(statement);
    case 'while':
      return compileWhile(statement);
    case 'return': {
      const evaluate = statement.value && compileExpression(statement.value);
      return (frame) => {
        if (evaluate !== undefined) frame.result = evaluate(frame);
        return 3;
      };
    }
    case 'break':
      return () => 1;
    case 'continue':
      return () => 2;
    case 'pass':
      return () => 0;
    case 'load':
      return compileLoad(statement);
  }
}

function compileIf({ branches, otherwise }: IfStatement): Execute {
  const compiled = branches.map(({ condition, body }) => ({
    condition: compileExpression(condition),
    body: compileBlock(body),
  }));
  const last = compileBlock(otherwise);
  return (frame) => {
    for (const { condition, body } of compiled) if (isTrue(condition(frame))) return body(frame);
    return last(frame);
  };
}

function compileFor({ target, iterable, body, position }: ForStatement): Execute {
  const evaluate = compileExpression(iterable);
  const assign = compileTarget(target);
  const execute = compileBlock(body);
  return (frame) => {
    const value = evaluate(frame);
    frame.position = position;
    const completion = loop(frame, value, (element) => {
      frame.thread.budget.step(1);
      assign(frame, element);
      return execute(frame);
    });
    return completion === 3 ? 3 : 0;
  };
}

function compileWhile({ condition, body }: WhileStatement): Execute {
  const evaluate = compileExpression(condition);
  const cost = 1 + stepCost(condition);
  const execute = compileBlock(body);
  return (frame) => {
    for (;;) {
      frame.thread.budget.step(cost);
      if (!isTrue(evaluate(frame))) return 0;
      const completion = execute(frame);
      if (completion === 1) return 0;
      if (completion === 3) return 3;
    }
  };
}
