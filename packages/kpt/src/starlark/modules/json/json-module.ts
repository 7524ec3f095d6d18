import { StarlarkError } from '../../errors.ts';
import type { Value } from '../../values/value.ts';
import { library } from '../module.ts';
import { decodeJson } from './decode.ts';
import { encodeJson } from './encode.ts';
import { indentJson } from './indent.ts';

/** `encoding/json.star`: values from and to JSON. */
export function jsonModule(): Readonly<Record<string, Value>> {
  return library('json', {
    encode: (args) => encodeJson(args.unnamed(1, 1)[0] ?? null, args),
    decode(args) {
      const [x, otherwise] = args.unpack('x', 'default?');
      const text = args.string('x', x);
      if (otherwise === undefined) return decodeJson(text, args);
      try {
        return decodeJson(text, args);
      } catch (error) {
        if (error instanceof StarlarkError && error.name === 'StarlarkError') return otherwise;
        throw error;
      }
    },
    indent(args) {
      const [text, prefix, indent] = args.unpack('str', 'prefix?', 'indent?');
      const source = args.string('str', text);
      // Reading it first says what is wrong with it.
      decodeJson(source, args);
      return indentJson(
        source,
        args.optionalString('prefix', prefix, ''),
        args.optionalString('indent', indent, '\t'),
        args,
      );
    },
  });
}
