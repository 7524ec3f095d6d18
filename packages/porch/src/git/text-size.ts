/** How many characters plain data has as JSON, roughly: for bounds, which do not need the text itself. */
export function textSize(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 4;
  let size = 2;
  for (const key of Object.keys(value)) size += key.length + 4 + textSize((value as Record<string, unknown>)[key]);
  return size;
}
