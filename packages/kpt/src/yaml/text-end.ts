/** A text without any of some characters at its end. An expression such as `/ +$/` looks at each run of them anew from each of its characters. */
export function withoutAtEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
