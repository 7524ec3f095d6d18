import { StarlarkError } from '../../errors.ts';
import { normalize } from '../../operators/integers.ts';
import { Float } from '../../values/float.ts';
import type { ReprWriter } from '../../values/repr.ts';
import { isInt, StarlarkObject, type Value } from '../../values/value.ts';

/** Nanoseconds in the units of durations. */
export const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** The longest duration, about 292 years. */
const longest = 2n ** 63n - 1n;

/** A span of time, to the nanosecond. */
export class Duration extends StarlarkObject {
  override readonly type = 'time.duration';
  readonly nanoseconds: bigint;

  /** @throws StarlarkError where the span is longer than about 292 years */
  constructor(nanoseconds: bigint) {
    super();
    if (nanoseconds > longest || nanoseconds < -longest) throw new StarlarkError('duration out of range');
    this.nanoseconds = nanoseconds;
  }

  override get truth(): boolean {
    return this.nanoseconds !== 0n;
  }

  override hashKey(): unknown {
    return `\0d${this.nanoseconds}`;
  }

  override equals(other: StarlarkObject): boolean {
    return other instanceof Duration && other.nanoseconds === this.nanoseconds;
  }

  override order(other: StarlarkObject): number | undefined {
    if (!(other instanceof Duration)) return undefined;
    return this.nanoseconds < other.nanoseconds ? -1 : Number(this.nanoseconds > other.nanoseconds);
  }

  override attribute(name: string): Value | undefined {
    switch (name) {
      case 'hours':
        return new Float(this.#in('h'));
      case 'minutes':
        return new Float(this.#in('m'));
      case 'seconds':
        return new Float(this.#in('s'));
      case 'milliseconds':
        return normalize(this.nanoseconds / 1_000_000n);
      case 'microseconds':
        return normalize(this.nanoseconds / 1_000n);
      case 'nanoseconds':
        return normalize(this.nanoseconds);
      default:
        return undefined;
    }
  }

  override attributeNames(): readonly string[] {
    return ['hours', 'microseconds', 'milliseconds', 'minutes', 'nanoseconds', 'seconds'];
  }

  override binary(operator: string, other: Value, isLeft: boolean): Value | undefined {
    if (other instanceof Duration) return isLeft ? this.#withDuration(operator, other) : undefined;
    if (other instanceof Float && operator === '/' && isLeft) {
      if (other.value === 0) throw new StarlarkError('division by zero');
      const quotient = Math.trunc(Number(this.nanoseconds) / other.value);
      if (!Number.isFinite(quotient)) throw new StarlarkError('duration out of range');
      return new Duration(BigInt(quotient));
    }
    if (!isInt(other)) return undefined;
    if (operator === '*') return new Duration(this.nanoseconds * BigInt(other));
    if (!isLeft || (operator !== '/' && operator !== '//')) return undefined;
    if (other === 0) throw new StarlarkError('division by zero');
    return operator === '/' ? new Duration(this.nanoseconds / BigInt(other)) : undefined;
  }

  #withDuration(operator: string, { nanoseconds: other }: Duration): Value | undefined {
    const own = this.nanoseconds;
    if (operator === '+') return new Duration(own + other);
    if (operator === '-') return new Duration(own - other);
    if (operator !== '/' && operator !== '//') return undefined;
    if (other === 0n) throw new StarlarkError('division by zero');
    return operator === '/' ? new Float(Number(own) / Number(other)) : normalize(own / other);
  }

  #in(unit: string): number {
    const size = units[unit] ?? 1n;
    // Whole units and the rest apart, so that neither loses digits.
    return Number(this.nanoseconds / size) + Number(this.nanoseconds % size) / Number(size);
  }

  override write(writer: ReprWriter): void {
    writer.text(durationText(this.nanoseconds));
  }
}

/** @throws StarlarkError for a text that is no duration such as `1h30m` */
export function parseDuration(text: string): Duration {
  const [, sign, rest = ''] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return new Duration(0n);
  const parts = [...rest.slice(0, 200).matchAll(/([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)/gy)];
  const length = parts.reduce((sum, [part]) => sum + part.length, 0);
  if (parts.length === 0 || length !== rest.length)
    throw new StarlarkError(`invalid duration ${JSON.stringify(text.slice(0, 100))}`);
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of parts) {
    if (whole === '' && fraction === '')
      throw new StarlarkError(`invalid duration ${JSON.stringify(text.slice(0, 100))}`);
    const size = units[unit] ?? 1n;
    total += BigInt(whole || '0') * size + (BigInt(fraction || '0') * size) / 10n ** BigInt(fraction.length);
  }
  return new Duration(sign === '-' ? -total : total);
}

function durationText(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  for (const [unit, limit] of [
    ['ns', 1_000n],
    ['µs', 1_000_000n],
    ['ms', 1_000_000_000n],
  ] as const) {
    if (size < limit) return `${sign}${decimal(size, units[unit] ?? 1n)}${unit}`;
  }
  const minutes = size / 60_000_000_000n;
  const seconds = `${decimal(size % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return sign + seconds;
  const hours = minutes / 60n;
  return `${sign}${hours === 0n ? '' : `${hours}h`}${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = String(value % unit)
    .padStart(digits, '0')
    .replace(/0+$/, '');
  return `${value / unit}${digits === 0 || fraction === '' ? '' : `.${fraction}`}`;
}
