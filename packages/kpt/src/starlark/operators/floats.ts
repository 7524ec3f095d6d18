import { StarlarkError } from '../errors.ts';

/** The operators on two floats. */
export type FloatOperator = '+' | '-' | '*' | '/' | '//' | '%';

/** @throws StarlarkError for a division by zero */
export function floatOperation(operator: FloatOperator, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      if (b === 0) throw new StarlarkError('floating-point division by zero');
      return a / b;
    case '//':
      if (b === 0) throw new StarlarkError('floored division by zero');
      return floored(a, b);
    default:
      if (b === 0) throw new StarlarkError('floating-point modulo by zero');
      return modulo(a, b);
  }
}

function floored(a: number, b: number): number {
  const quotient = a / b;
  // A tiny negative quotient is rounded to -0, as its limit is.
  return Number.isFinite(b) ? Math.floor(quotient) : quotient;
}

/** The remainder has the sign of the divisor. */
function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}
