import { StarlarkError } from '../errors.ts';
import { didYouMean } from '../resolve/spelling.ts';
import { Builtin } from '../values/builtin.ts';
import { Bytes, BytesElements } from '../values/bytes.ts';
import { Dict } from '../values/dict.ts';
import { List } from '../values/list.ts';
import { StarlarkSet } from '../values/set.ts';
import { typeName, type Value } from '../values/value.ts';
import { dictMethods } from './dict-methods.ts';
import { listMethods } from './list-methods.ts';
import { type Method, type MethodTable, methodTable } from './method-table.ts';
import { setMethods } from './set-methods.ts';
import { stringMethods } from './string-methods.ts';

const bytesMethods = methodTable<Bytes>({
  elems(receiver, args) {
    args.unnamed(0, 0);
    return new BytesElements(receiver);
  },
});

/**
 * What `value.name` says: a field, or a method bound to the value.
 *
 * @throws StarlarkError where there is neither
 */
export function getAttribute(value: Value, name: string): Value {
  const found = findAttribute(value, name);
  if (found !== undefined) return found;
  throw new StarlarkError(
    `${typeName(value)} has no .${name} field or method${didYouMean(name, attributeNames(value))}`,
  );
}

/** The same; undefined where there is neither. */
export function findAttribute(value: Value, name: string): Value | undefined {
  if (typeof value === 'string') return bound(stringMethods, value, name, 'string');
  if (value === null || typeof value !== 'object') return undefined;
  if (value instanceof Dict) return bound(dictMethods, value, name, 'dict');
  if (value instanceof List) return bound(listMethods, value, name, 'list');
  if (value instanceof StarlarkSet) return bound(setMethods, value, name, 'set');
  if (value instanceof Bytes) return bound(bytesMethods, value, name, 'bytes');
  return value.attribute(name);
}

/** The names of a value's fields and methods, sorted. */
export function attributeNames(value: Value): readonly string[] {
  if (typeof value === 'string') return [...stringMethods.keys()];
  if (value === null || typeof value !== 'object') return [];
  if (value instanceof Dict) return [...dictMethods.keys()];
  if (value instanceof List) return [...listMethods.keys()];
  if (value instanceof StarlarkSet) return [...setMethods.keys()];
  if (value instanceof Bytes) return [...bytesMethods.keys()];
  return value.attributeNames();
}

function bound<T extends Value>(table: MethodTable<T>, receiver: T, name: string, type: string): Builtin | undefined {
  const method: Method<T> | undefined = table.get(name);
  return method && new Builtin(name, (args) => method(receiver, args), type);
}
