/** A word of a command that is printed to be copied: a shell takes it as it is. */
export function quoted(text: string): string {
  return /^[-\w./:@]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
