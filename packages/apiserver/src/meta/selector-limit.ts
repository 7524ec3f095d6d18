import { statusErrors } from './status.ts';

/**
 * Most requirements of one selector. Each is asked of every object of a list and of every event of a watch, on the thread that
 * answers everybody.
 */
const maxRequirements = 256;

/**
 * Refuses selectors that would cost too much.
 * @throws StatusError 400
 */
export function checkRequirementCount(requirements: readonly unknown[]): void {
  if (requirements.length <= maxRequirements) return;
  throw statusErrors.badRequest(
    `the selector has more than ${maxRequirements} requirements; use "key in (...)" for many values of one label`,
  );
}
