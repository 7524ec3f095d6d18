import { type ObjectKey, PreconditionFailedError } from '@porch/apiserver';
import { isSameKey } from '../cache/records.ts';

/**
 * Runs a write again when what stood in its way is not the object that it is about: its state, which a push has just changed, or what
 * depends on all revisions of the package, which another process has just changed. While `isHeld`, also when it is the object itself.
 */
export async function retryingBeside<T>(
  about: ObjectKey,
  attempt: () => Promise<T>,
  isHeld: () => boolean = () => false,
): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
      if (isSameKey(error.key, about) && !isHeld()) throw error;
    }
  }
}

/** Tries again when somebody else was faster; what that means for this write, each attempt finds out for itself. */
export async function retrying<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
    }
  }
}
