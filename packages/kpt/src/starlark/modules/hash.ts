import { createHash } from 'node:crypto';
import type { BuiltinBody } from '../values/builtin.ts';
import { Bytes } from '../values/bytes.ts';
import type { Value } from '../values/value.ts';
import { library } from './module.ts';

/** `hash.star`: digests of strings as hexadecimal digits. */
export function hashModule(): Readonly<Record<string, Value>> {
  return library('hash', { md5: digest('md5'), sha1: digest('sha1'), sha256: digest('sha256') });
}

function digest(algorithm: string): BuiltinBody {
  return (args) => {
    const [value] = args.unnamed(1, 1);
    const data = value instanceof Bytes ? value.bytes : args.string('source', value);
    args.budget.step(data.length);
    return createHash(algorithm).update(data).digest('hex');
  };
}
