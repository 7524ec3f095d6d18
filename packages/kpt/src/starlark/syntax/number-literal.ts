import { checkDigits, type Int, normalize } from '../operators/integers.ts';
import { Float } from '../values/float.ts';

/** A number and where its text ends. */
export interface NumberLiteral {
  readonly kind: 'int' | 'float';
  readonly value: Int | Float;
  readonly end: number;
}

const based = /0(?:[xX]([0-9a-fA-F]*)|[oO]([0-9]*)|[bB]([0-9]*))/y;
const decimal = /([0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]*)?/y;

/** Reads the number that starts at a place. */
export function readNumber(source: string, at: number, error: (reason: string) => Error): NumberLiteral {
  based.lastIndex = at;
  const prefixed = based.exec(source);
  if (prefixed !== null) return { ...basedInt(prefixed, error), end: based.lastIndex };
  decimal.lastIndex = at;
  const [text, whole = '', fraction, exponent] = decimal.exec(source) ?? [''];
  const end = at + text.length;
  if (fraction === undefined && exponent === undefined) {
    if (/^0+[1-9]/.test(whole)) throw error(`obsolete form of octal literal; use 0o${whole.replace(/^0+/, '')}`);
    checkDigits(whole);
    return { kind: 'int', value: normalize(BigInt(whole)), end };
  }
  const value = Number(text);
  if (/[eE][+-]?$/.test(text)) throw error('invalid float literal');
  if (!Number.isFinite(value)) throw error('floating-point literal too large');
  return { kind: 'float', value: new Float(value), end };
}

function basedInt([text, hex, octal]: RegExpExecArray, error: (reason: string) => Error): Omit<NumberLiteral, 'end'> {
  const [name, digits] =
    hex !== undefined ? ['hex', /^[0-9a-f]+$/i] : octal !== undefined ? ['octal', /^[0-7]+$/] : ['binary', /^[01]+$/];
  if (!digits.test(text.slice(2))) throw error(`invalid ${name} literal`);
  checkDigits(text);
  return { kind: 'int', value: normalize(BigInt(text.toLowerCase())) };
}
