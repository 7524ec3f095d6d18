/** How far the counter jumps when another history may have begun, so that no revision means two things. */
export const jumpDistance = 1_000_000_000;
