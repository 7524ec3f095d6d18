import { binary } from '../operators/binary.ts';
import { equals } from '../operators/equality.ts';
import { isMember } from '../operators/membership.ts';
import { ordered } from '../operators/order.ts';
import type { BinaryExpression } from '../syntax/ast.ts';
import { isTrue } from '../values/value.ts';
import { compileExpression } from './compile-expression.ts';
import type { Evaluate } from './frame.ts';

/** Turns an operator with its two operands into a function that evaluates it. */
export function compileBinary({ operator, left, right, position }: BinaryExpression): Evaluate {
  const [first, second] = [compileExpression(left), compileExpression(right)];
  switch (operator) {
    case 'and':
      return (frame) => {
        const value = first(frame);
        return isTrue(value) ? second(frame) : value;
      };
    case 'or':
      return (frame) => {
        const value = first(frame);
        return isTrue(value) ? value : second(frame);
      };
    case '==':
      return (frame) => {
        const [a, b] = [first(frame), second(frame)];
        frame.position = position;
        return equals(a, b, frame.thread.budget);
      };
    case '!=':
      return (frame) => {
        const [a, b] = [first(frame), second(frame)];
        frame.position = position;
        return !equals(a, b, frame.thread.budget);
      };
    case 'in':
      return (frame) => {
        const [a, b] = [first(frame), second(frame)];
        frame.position = position;
        return isMember(a, b, frame.thread.budget);
      };
    case 'not in':
      return (frame) => {
        const [a, b] = [first(frame), second(frame)];
        frame.position = position;
        return !isMember(a, b, frame.thread.budget);
      };
    case '<':
    case '<=':
    case '>':
    case '>=':
      return (frame) => {
        const [a, b] = [first(frame), second(frame)];
        frame.position = position;
        return ordered(operator, a, b, frame.thread.budget);
      };
    default:
      return (frame) => {
        const [a, b] = [first(frame), second(frame)];
        frame.position = position;
        return binary(operator, a, b, frame.thread.budget);
      };
  }
}
