import { Builtin, type BuiltinBody } from '../values/builtin.ts';
import type { Value } from '../values/value.ts';
import { constructors } from './constructors.ts';
import { reflection } from './reflection.ts';
import { sequences } from './sequences.ts';
import { texts } from './texts.ts';

const functions: Readonly<Record<string, BuiltinBody>> = { ...constructors, ...reflection, ...sequences, ...texts };

/** The names that every program knows. */
export const universe: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['None', null],
  ['True', true],
  ['False', false],
  ...Object.entries(functions).map(([name, body]): [string, Value] => [name, new Builtin(name, body)]),
]);
