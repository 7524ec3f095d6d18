/** A float as `str` writes it: shortest digits that read back as the same number, always with a point or an exponent. */
export function formatFloat(value: number): string {
  const special = specialFloat(value);
  if (special !== undefined) return special;
  const text = shortest(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** A float with six digits after the point, `%e`. */
export function formatExponent(value: number): string {
  const special = specialFloat(value);
  if (special !== undefined) return special;
  return withSign(value, padExponent(Math.abs(value).toExponential(6)));
}

/** A float with six digits after the point and no exponent, `%f`. */
export function formatFixed(value: number): string {
  const special = specialFloat(value);
  if (special !== undefined) return special;
  const magnitude = Math.abs(value);
  return withSign(value, magnitude < 1e21 ? magnitude.toFixed(6) : `${BigInt(magnitude)}.000000`);
}

function specialFloat(value: number): string | undefined {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? '+inf' : '-inf';
  return undefined;
}

function shortest(value: number): string {
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential().split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 6) {
    // More than six digits before the point are written with an exponent, as C's %g does.
    return withSign(value, padExponent(`${mantissa}e${exponent}`));
  }
  return withSign(value, plain(mantissa.replace('.', ''), power));
}

function plain(digits: string, power: number): string {
  if (power < 0) return `0.${'0'.repeat(-power - 1)}${digits}`;
  const whole = digits.slice(0, power + 1).padEnd(power + 1, '0');
  const fraction = digits.slice(power + 1);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

function padExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

function withSign(value: number, magnitude: string): string {
  return value < 0 || Object.is(value, -0) ? `-${magnitude}` : magnitude;
}
