import { DecodeError, maxDepth, maxProblems, printPath, ValueCount } from './decoding.ts';

interface Frame {
  /** Keys that have been seen; undefined in a list. */
  readonly keys: Keys | undefined;
  /** Current key of an object. */
  key: string;
  /** Current index of a list. */
  index: number;
}

/** Most objects have few keys; a list of them is quicker to make and to search than a set. */
const fewKeys = 12;

/** The keys of one object. */
class Keys {
  readonly #few: string[] = [];
  #many: Set<string> | undefined;

  /** Adds a key. Returns whether it was there before. */
  add(key: string): boolean {
    if (this.#many === undefined) {
      if (this.#few.includes(key)) return true;
      if (this.#few.push(key) > fewKeys) this.#many = new Set(this.#few);
      return false;
    }
    if (this.#many.has(key)) return true;
    this.#many.add(key);
    return false;
  }
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

const asRead = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');

/** A key with a character for each of its bytes, without escapes: one form for all spellings. Undefined when it is not JSON. */
function normalKey(spelled: string): string | undefined {
  if (!spelled.includes('\\')) return spelled;
  try {
    return Buffer.from(JSON.parse(`"${asRead(spelled)}"`) as string, 'utf8').toString('latin1');
  } catch {
    // The parser, which runs next, says so.
    return undefined;
  }
}

function duplicate(frames: readonly Frame[]): string {
  const path = frames.map(({ keys, key, index }) => (keys === undefined ? index : asRead(key)));
  return `duplicate field ${JSON.stringify(printPath(path))}`;
}

function enter(frames: Frame[], keys: Keys | undefined): Frame {
  if (frames.length >= maxDepth) throw new DecodeError(`the object is nested more than ${maxDepth} levels deep`);
  const frame = { keys, key: '', index: 0 };
  frames.push(frame);
  return frame;
}

/**
 * Finds what `JSON.parse` hides: repeated keys, reported as `duplicate field "spec.x"`, and nesting so deep that parsing would
 * cost much, or so many values that whatever is done with them would. Text that is no JSON at all is left for the parser to refuse.
 *
 * @throws DecodeError when nested too deep, and for too many values
 */
export function scanJson(body: Buffer): string[] {
  const found = new Set<string>();
  const frames: Frame[] = [];
  let top: Frame | undefined;
  let expectKey = false;
  const values = new ValueCount(body.length);
  // A character for each byte: what is looked for is ASCII, and strings are searched faster than buffers.
  const text = body.toString('latin1');
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
        values.add();
        top = enter(frames, new Keys());
        expectKey = true;
        break;
      case 0x5b: // [
        values.add();
        top = enter(frames, undefined);
        expectKey = false;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        frames.pop();
        top = frames.at(-1);
        expectKey = false;
        break;
      case 0x2c: // ,
        if (top === undefined) break;
        values.add();
        expectKey = top.keys !== undefined;
        top.index++;
        break;
      case quote: {
        const end = stringEnd(text, at + 1);
        if (end < 0) return [...found];
        if (expectKey && top?.keys !== undefined) {
          const key = normalKey(text.slice(at + 1, end));
          if (key === undefined) return [...found];
          top.key = key;
          expectKey = false;
          if (top.keys.add(key) && found.size < maxProblems) found.add(duplicate(frames));
        }
        at = end;
        break;
      }
    }
  }
  return [...found];
}
