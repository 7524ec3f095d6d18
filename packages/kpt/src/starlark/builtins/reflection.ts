import { StarlarkError } from '../errors.ts';
import { sizes } from '../limits.ts';
import { unary } from '../operators/unary.ts';
import type { BuiltinBody } from '../values/builtin.ts';
import { Bytes } from '../values/bytes.ts';
import { Float } from '../values/float.ts';
import { List } from '../values/list.ts';
import { repr, str } from '../values/repr.ts';
import { isInt, typeName } from '../values/value.ts';
import type { Arguments } from './arguments.ts';
import { attributeNames, findAttribute, getAttribute } from './attributes.ts';

/** Functions that look at one value, and those that talk to the outside. */
export const reflection = {
  abs(args) {
    const [value = null] = args.unnamed(1, 1);
    if (value instanceof Float) {
      args.budget.allocate(sizes.float);
      return new Float(Math.abs(value.value));
    }
    if (!isInt(value)) throw args.error(`got ${typeName(value)}, want int or float`);
    return value < 0 ? unary('-', value, args.budget) : value;
  },
  dir(args) {
    const names = attributeNames(args.unnamed(1, 1)[0] ?? null);
    args.budget.elements(names.length);
    return new List([...names]);
  },
  fail(args) {
    throw new StarlarkError(`fail: ${joined(args)}`);
  },
  getattr(args) {
    const [value = null, name, otherwise] = args.unnamed(2, 3);
    const text = args.string('name', name);
    args.budget.allocate(sizes.method);
    const found = findAttribute(value, text);
    if (found !== undefined) return found;
    return otherwise === undefined ? getAttribute(value, text) : otherwise;
  },
  hasattr(args) {
    const [value = null, name] = args.unnamed(2, 2);
    return attributeNames(value).includes(args.string('name', name));
  },
  hash(args) {
    const [value = null] = args.unnamed(1, 1);
    if (typeof value === 'string') {
      args.budget.step(value.length);
      return textHash(value);
    }
    if (!(value instanceof Bytes)) throw args.error(`got ${typeName(value)}, want string or bytes`);
    args.budget.step(value.length);
    return bytesHash(value.bytes);
  },
  print(args) {
    args.thread.options.print(joined(args));
    return null;
  },
  repr: (args) => repr(args.unnamed(1, 1)[0] ?? null, args.budget),
  type: (args) => typeName(args.unnamed(1, 1)[0] ?? null),
} satisfies Readonly<Record<string, BuiltinBody>>;

/** The arguments as `print` and `fail` write them. */
function joined(args: Arguments): string {
  let separator = ' ';
  for (const [name, value] of args.named) {
    if (name !== 'sep') throw args.error(`unexpected keyword argument "${name}"`);
    separator = args.string('sep', value);
  }
  const parts = args.positional.map((value) => {
    const text = value instanceof Bytes ? value.decode() : str(value, args.budget);
    args.budget.text(text.length + separator.length);
    return text;
  });
  return parts.join(separator);
}

/** The sum of the elements times powers of 31, as an int of 32 bits. */
function textHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
}

/** 32-bit FNV-1a. */
function bytesHash(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
