import type { KrmFunction } from '../function.ts';

/** Changes nothing. */
export const noOp: KrmFunction = {
  name: 'no-op',
  tags: ['v0.1'],
  run: () => ({ results: [] }),
};
