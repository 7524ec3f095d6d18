import { methodTable } from './method-table.ts';
import { caseMethods } from './strings/case.ts';
import { elementMethods } from './strings/elements.ts';
import { formatMethods } from './strings/format.ts';
import { searchMethods } from './strings/search.ts';
import { splitMethods } from './strings/split.ts';
import { stripMethods } from './strings/strip.ts';

/** The methods of strings. */
export const stringMethods = methodTable<string>(
  caseMethods,
  elementMethods,
  formatMethods,
  searchMethods,
  splitMethods,
  stripMethods,
);
