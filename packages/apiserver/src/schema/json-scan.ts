import { DecodeError, maxDepth, maxProblems, printPath } from './decoding.ts';

interface Frame {
  readonly keys: Set<string> | undefined;
  /** Current key of an object, current index of a list. */
  step: string | number;
  expectKey: boolean;
}

const quote = 0x22;
const backslash = 0x5c;

/** Position of the quote that ends the string which starts before `from`, or -1. */
function stringEnd(text: string, from: number): number {
  for (let end = text.indexOf('"', from); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (end - escapes > from && text.charCodeAt(end - escapes - 1) === backslash) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return -1;
}

function readKey(body: Buffer, start: number, end: number): string | undefined {
  const text = body.toString('utf8', start, end);
  if (!text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    // Not JSON: the parser, which runs next, says so.
    return undefined;
  }
}

/**
 * Finds what `JSON.parse` hides: repeated keys, reported as `duplicate field "spec.x"`, and nesting so deep that parsing would
 * cost much. Text that is no JSON at all is left for the parser to refuse.
 *
 * @throws DecodeError when nested too deep
 */
export function scanJson(body: Buffer): string[] {
  const found = new Set<string>();
  const frames: Frame[] = [];
  // A character for each byte: what is looked for is ASCII, and strings are searched faster than buffers.
  const text = body.toString('latin1');
  for (let at = 0; at < text.length; at++) {
    const top = frames.at(-1);
    const code = text.charCodeAt(at);
    switch (code) {
      case 0x7b: // {
      case 0x5b: // [
        if (frames.length >= maxDepth) {
          throw new DecodeError('', `the object is nested more than ${maxDepth} levels deep`);
        }
        frames.push(
          code === 0x7b
            ? { keys: new Set(), step: '', expectKey: true }
            : { keys: undefined, step: 0, expectKey: false },
        );
        break;
      case 0x7d: // }
      case 0x5d: // ]
        frames.pop();
        break;
      case 0x2c: // ,
        if (typeof top?.step === 'number') top.step++;
        else if (top !== undefined) top.expectKey = true;
        break;
      case quote: {
        const end = stringEnd(text, at + 1);
        if (end < 0) return [...found];
        if (top?.keys !== undefined && top.expectKey) {
          const key = readKey(body, at + 1, end);
          if (key === undefined) return [...found];
          top.step = key;
          top.expectKey = false;
          if (top.keys.has(key)) {
            if (found.size < maxProblems) {
              found.add(`duplicate field ${JSON.stringify(printPath(frames.map((f) => f.step)))}`);
            }
          } else top.keys.add(key);
        }
        at = end;
        break;
      }
    }
  }
  return [...found];
}
