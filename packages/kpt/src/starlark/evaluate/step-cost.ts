import type { DictEntry, Expression } from '../syntax/ast.ts';

/**
 * How many steps the evaluation of expressions takes at most: one for each part. Bodies of functions and comprehensions are
 * not counted; they count themselves, each time they run.
 */
export function stepCost(...expressions: readonly (Expression | undefined)[]): number {
  let count = 0;
  const queue = [...expressions];
  while (queue.length > 0) {
    const expression = queue.pop();
    if (expression === undefined) continue;
    count += 1;
    queue.push(...parts(expression));
  }
  return count;
}

/** The same for the body of a comprehension. */
export function bodyCost(body: Expression | DictEntry): number {
  return 'key' in body && !('kind' in body) ? stepCost(body.key, body.value) : stepCost(body as Expression);
}

function parts(expression: Expression): readonly (Expression | undefined)[] {
  switch (expression.kind) {
    case 'list':
    case 'tuple':
      return expression.items;
    case 'dict':
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'conditional':
      return [expression.condition, expression.whenTrue, expression.whenFalse];
    case 'call':
      return [expression.callee, ...expression.arguments.map(({ value }) => value)];
    case 'dot':
      return [expression.object];
    case 'index':
      return [expression.object, expression.key];
    case 'slice':
      return [expression.object, expression.start, expression.end, expression.step];
    case 'lambda':
      return expression.parameters.map(({ default: value }) => value);
    default:
      return [];
  }
}
