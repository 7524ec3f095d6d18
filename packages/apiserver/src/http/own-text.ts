/** The same text without what it was cut out of or joined of, which it would keep in memory. */
export function ownText(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
