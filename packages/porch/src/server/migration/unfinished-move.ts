import type { ObjectKey, WatchCache } from '@porch/apiserver';
import { unfinishedMoves } from '../../cache/records.ts';
import { StartupError } from '../startup-error.ts';

/** Key of the record that is in a store while another one is being moved into it. */
export const unfinishedMove: ObjectKey = { resource: unfinishedMoves, namespace: '', name: 'move' };

/** @throws StartupError when the store is the half of another one */
export function requireWhole(objects: WatchCache): void {
  if (objects.get(unfinishedMove) === undefined) return;
  throw new StartupError(
    'the store was being filled by porch migrate-store, which did not finish; empty it, and move the other one again',
  );
}
