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
function stringEnd(body: Buffer, from: number): number {
  for (let at = from; at < body.length; at++) {
    const byte = body[at];
    if (byte === backslash) at++;
    else if (byte === quote) return at;
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
  for (let at = 0; at < body.length; at++) {
    const top = frames.at(-1);
    switch (body[at]) {
      case 0x7b: // {
      case 0x5b: // [
        if (frames.length >= maxDepth) {
          throw new DecodeError('', `the object is nested more than ${maxDepth} levels deep`);
        }
        frames.push(
          body[at] === 0x7b
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
        const end = stringEnd(body, at + 1);
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
