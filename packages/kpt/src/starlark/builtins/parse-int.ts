import { checkDigits, type Int, normalize } from '../operators/integers.ts';
import type { Arguments } from './arguments.ts';

const prefixes: Readonly<Record<string, number>> = { '0b': 2, '0o': 8, '0x': 16 };

/** The int that a text stands for in a base; base 0 goes by the text's prefix. */
export function parseIntText(args: Arguments, text: string, base: number): Int {
  if (base !== 0 && (base < 2 || base > 36)) throw args.error(`invalid base ${base}; want 0 or 2 to 36`);
  checkDigits(text);
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const prefix = rest.slice(0, 2).toLowerCase();
  const prefixBase = prefixes[prefix];
  const hasPrefix = prefixBase !== undefined && (base === 0 || base === prefixBase);
  const digits = (hasPrefix ? rest.slice(2) : rest).toLowerCase();
  const actual = base === 0 ? (hasPrefix ? prefixBase : 10) : base;
  const isOctalLike = base === 0 && !hasPrefix && /^0+[1-9]/.test(digits);
  if (digits === '' || isOctalLike || ![...digits].every((digit) => digitValue(digit) < actual)) {
    throw args.error(`invalid literal with base ${base}: ${text.slice(0, 100)}`);
  }
  args.budget.step(digits.length * (1 + (digits.length >>> 8)));
  const magnitude = magnitudeOf(digits, actual);
  return normalize(sign === '-' ? -magnitude : magnitude);
}

function digitValue(digit: string): number {
  if (digit >= '0' && digit <= '9') return digit.charCodeAt(0) - 48;
  return digit >= 'a' && digit <= 'z' ? digit.charCodeAt(0) - 87 : 99;
}

function magnitudeOf(digits: string, base: number): bigint {
  if (base === 10) return BigInt(digits);
  const prefix = Object.entries(prefixes).find(([, value]) => value === base)?.[0];
  if (prefix !== undefined) return BigInt(prefix + digits);
  let value = 0n;
  for (const digit of digits) value = value * BigInt(base) + BigInt(digitValue(digit));
  return value;
}
