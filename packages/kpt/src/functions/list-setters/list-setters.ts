import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { report } from '../reporting.ts';
import { findSetters } from './found-setters.ts';
import { kptfileSetters } from './kptfile-setters.ts';

/** Lists the setters of a package: those its Kptfile gives values to and those its comments name. */
export const listSetters: KrmFunction = { name: 'list-setters', tags: ['v0.1.0', 'v0.1'], run };

function run({ items }: FunctionInput): FunctionOutput {
  const setters = findSetters(items, kptfileSetters(items));
  if (setters.length === 0) return { results: [report('warning', 'no setters found')] };
  return {
    results: setters.map(({ name, value, type, count }) => {
      return { message: `Name: ${name}, Value: ${value}, Type: ${type}, Count: ${count}` };
    }),
  };
}
