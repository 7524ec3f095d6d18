/** The text without slashes at its end. A pattern would begin anew at each slash of a long row. */
export function withoutLastSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end--;
  return text.slice(0, end);
}

/** The text without slashes at either end. */
export function withoutOuterSlashes(text: string): string {
  return withoutLastSlashes(text.replace(/^\/+/, ''));
}
