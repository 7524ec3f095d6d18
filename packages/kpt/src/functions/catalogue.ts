import type { FunctionCatalogue, KrmFunction } from './function.ts';
import { noOp } from './no-op/no-op.ts';

const functions: readonly KrmFunction[] = [noOp];

/** All functions that are part of the program, by the base name of their image. */
export const builtInFunctions: FunctionCatalogue = new Map(functions.map((entry) => [entry.name, entry]));
