/** Whether a number is a whole multiple of another one as they are written: 0.3 is one of 0.1, although neither is in binary. */
export function isMultipleOf(value: number | bigint, of: number): boolean {
  const [a, b] = [decimalOf(value), decimalOf(of)];
  if (a === undefined || b === undefined || b.digits === 0n) return false;
  const least = Math.min(a.exponent, b.exponent);
  const [dividend, divisor] = [a, b].map(({ digits, exponent }) => digits * 10n ** BigInt(exponent - least));
  return dividend !== undefined && divisor !== undefined && dividend % divisor === 0n;
}

/** A number as digits times a power of ten; undefined for what is none, or infinite. */
function decimalOf(value: number | bigint): { readonly digits: bigint; readonly exponent: number } | undefined {
  const [, whole, fraction = '', exponent = '0'] = /^(-?\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  if (whole === undefined) return undefined;
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}
