import { getHeapStatistics } from 'node:v8';
import { defaultLimits, type Limits } from '../../starlark/limits.ts';

/**
 * What a script may take on this thread. Its memory is a part of what the thread may have: V8 ends the whole process where it finds no room
 * for one large value, and what a script takes is an estimate.
 */
export function scriptLimits(): Limits {
  const { heap_size_limit: heapLimit } = getHeapStatistics();
  return { ...defaultLimits, maxMemory: Math.min(defaultLimits.maxMemory, Math.floor(0.4 * heapLimit)) };
}
