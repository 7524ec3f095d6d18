/** How far the counter jumps at least when another history may have begun, so that no revision means two things. */
export const jumpDistance = 1_000_000_000;

/** More than any store writes in a millisecond. */
const eachMs = 20;
const beginning = Date.UTC(2026, 0);

/**
 * Where the counter goes on after a revision from which another history may have begun. That may happen again from the same one, when a
 * backup is restored twice: the later jump goes beyond all that was written after the earlier.
 */
export function jumpFrom(revision: number): number {
  return revision + jumpDistance + eachMs * Math.max(0, Date.now() - beginning);
}
