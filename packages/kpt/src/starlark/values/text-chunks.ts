/** How many characters a piece has at most. */
const size = 16_384;

/**
 * A text in pieces, so that what is made of it can be counted before it has become too much. No pair of surrogates is cut in two.
 */
export function* textChunks(text: string): Generator<string> {
  if (text.length <= size) {
    yield text;
    return;
  }
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + size, text.length);
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end += 1;
    yield text.slice(start, end);
    start = end;
  }
}
