import type { BuiltinBody } from '../values/builtin.ts';
import { Bytes } from '../values/bytes.ts';

/** Functions between characters and their numbers. */
export const texts = {
  chr(args) {
    const code = args.int('i', args.unnamed(1, 1)[0]);
    if (code < 0) throw args.error(`Unicode code point ${code} out of range (<0)`);
    if (code > 0x10ffff)
      throw args.error(`Unicode code point U+${code.toString(16).toUpperCase()} out of range (>0x10FFFF)`);
    // Halves of pairs are no characters of their own.
    return String.fromCodePoint(Number(code)).toWellFormed();
  },
  ord(args) {
    const [value] = args.unnamed(1, 1);
    if (value instanceof Bytes) {
      if (value.length !== 1) throw args.error(`bytes has length ${value.length}, want 1`);
      return value.bytes[0] ?? 0;
    }
    const text = args.string('x', value);
    args.budget.step(text.length);
    const characters = [...text.slice(0, 3)].length;
    if (characters !== 1 || text.length > 2) {
      throw args.error(`string encodes ${[...text].length} Unicode code points, want 1`);
    }
    return text.codePointAt(0) ?? 0;
  },
} satisfies Readonly<Record<string, BuiltinBody>>;
