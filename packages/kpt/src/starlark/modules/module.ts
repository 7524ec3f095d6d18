import { Builtin, type BuiltinBody } from '../values/builtin.ts';
import { Module } from '../values/struct.ts';
import type { Value } from '../values/value.ts';

/** What `load` gives of a module whose functions stand under one name. */
export function library(
  name: string,
  functions: Readonly<Record<string, BuiltinBody>>,
  constants: Readonly<Record<string, Value>> = {},
): Readonly<Record<string, Value>> {
  const members = Object.entries(functions).map(([key, body]): [string, Value] => [
    key,
    new Builtin(`${name}.${key}`, body),
  ]);
  return { [name]: new Module(name, { ...Object.fromEntries(members), ...constants }) };
}
