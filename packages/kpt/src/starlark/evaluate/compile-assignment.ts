import { getAttribute } from '../builtins/attributes.ts';
import { StarlarkError } from '../errors.ts';
import { type BinaryOperator, binary } from '../operators/binary.ts';
import { assignIndex, indexed } from '../operators/index-slice.ts';
import type { AssignStatement, Expression } from '../syntax/ast.ts';
import type { Position } from '../syntax/position.ts';
import { Dict } from '../values/dict.ts';
import { List } from '../values/list.ts';
import { iterated, typeName, type Value } from '../values/value.ts';
import { compileExpression } from './compile-expression.ts';
import type { Assign, Execute, Frame } from './frame.ts';
import { compileRead, compileWrite } from './variables.ts';

/** Turns an assignment into a function that carries it out. */
export function compileAssignment(statement: AssignStatement): Execute {
  if (statement.operator !== undefined) return compileAugmented(statement.operator, statement);
  const evaluate = compileExpression(statement.value);
  const assign = compileTarget(statement.target);
  return (frame) => {
    assign(frame, evaluate(frame));
    return 0;
  };
}

/** Turns what stands on the left of an assignment into a function that gives it a value. */
export function compileTarget(target: Expression): Assign {
  switch (target.kind) {
    case 'name':
      return compileWrite(target);
    case 'tuple':
    case 'list':
      return compileSequenceTarget(target.items.map(compileTarget), target.position);
    case 'index': {
      const [object, key] = [compileExpression(target.object), compileExpression(target.key)];
      return (frame, value) => {
        const container = object(frame);
        const index = key(frame);
        frame.position = target.position;
        assignIndex(container, index, value, frame.thread.budget);
      };
    }
    case 'dot': {
      const object = compileExpression(target.object);
      return (frame) => {
        const owner = object(frame);
        frame.position = target.position;
        throw new StarlarkError(`can't assign to .${target.name} field of ${typeName(owner)}`);
      };
    }
    default:
      throw new TypeError(`a ${target.kind} expression is no target of an assignment`);
  }
}

function compileSequenceTarget(targets: readonly Assign[], position: Position): Assign {
  return (frame, value) => {
    frame.position = position;
    const values = unpacked(value, targets.length, frame);
    for (const [index, assign] of targets.entries()) assign(frame, values[index] ?? null);
  };
}

function unpacked(value: Value, count: number, frame: Frame): readonly Value[] {
  const elements = iterated(value);
  if (elements === undefined) throw new StarlarkError(`got ${typeName(value)} in sequence assignment`);
  const values: Value[] = [];
  for (const element of elements) {
    values.push(element);
    if (values.length > count) throw new StarlarkError(`too many values to unpack (want ${count})`);
  }
  if (values.length < count) {
    throw new StarlarkError(`too few values to unpack (got ${values.length}, want ${count})`);
  }
  frame.thread.budget.elements(count);
  return values;
}

function compileAugmented(operator: BinaryOperator, { target, value, position }: AssignStatement): Execute {
  const evaluate = compileExpression(value);
  const update = (frame: Frame, old: Value, operand: Value) => {
    frame.position = position;
    return augmented(operator, old, operand, frame);
  };
  switch (target.kind) {
    case 'name': {
      const [read, write] = [compileRead(target), compileWrite(target)];
      return (frame) => {
        const old = read(frame);
        write(frame, update(frame, old, evaluate(frame)));
        return 0;
      };
    }
    case 'index': {
      const [object, key] = [compileExpression(target.object), compileExpression(target.key)];
      return (frame) => {
        const { budget } = frame.thread;
        const container = object(frame);
        const index = key(frame);
        frame.position = target.position;
        const old = indexed(container, index, budget);
        const result = update(frame, old, evaluate(frame));
        assignIndex(container, index, result, budget);
        return 0;
      };
    }
    case 'dot': {
      const assign = compileTarget(target);
      const object = compileExpression(target.object);
      return (frame) => {
        const owner = object(frame);
        frame.position = target.position;
        assign(frame, getAttribute(owner, target.name));
        return 0;
      };
    }
    default:
      throw new TypeError(`a ${target.kind} expression is no target of an augmented assignment`);
  }
}

/** `+=` adds to a list, and `|=` to a dict, in place; all other operators make a new value. */
function augmented(operator: BinaryOperator, old: Value, operand: Value, frame: Frame): Value {
  const { budget } = frame.thread;
  const elements = operator === '+' && old instanceof List ? iterated(operand) : undefined;
  if (old instanceof List && elements !== undefined) {
    old.checkMutable('apply += to');
    const added = operand === old ? [...elements] : elements;
    for (const element of added) {
      budget.elements(1);
      old.items.push(element);
    }
    return old;
  }
  if (operator === '|' && old instanceof Dict && operand instanceof Dict) {
    old.table.checkMutable('insert into');
    for (const [key, value] of operand.entries()) {
      budget.step(1);
      old.set(key, value, budget);
    }
    return old;
  }
  return binary(operator, old, operand, budget);
}
