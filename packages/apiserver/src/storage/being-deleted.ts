import type { ServedObject } from './served-object.ts';

/** Whether an object has been deleted and only waits for its finalizers. One that says nothing of that is not parsed. */
export function isBeingDeleted(object: ServedObject): boolean {
  return object.bytes.includes('"deletionTimestamp"') && object.decode().metadata.deletionTimestamp !== undefined;
}
