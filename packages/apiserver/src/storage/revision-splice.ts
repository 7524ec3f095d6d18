/** Encoded objects with their revision written in, and where their metadata stands. No object is parsed for it. */

/** Bytes of an object and the position of the `{` of its metadata. */
export interface SplicedObject {
  readonly bytes: Buffer;
  readonly metadataStart: number;
}

const beginning = /^\{"apiVersion":"(?:[^"\\]|\\.)*","kind":"(?:[^"\\]|\\.)*","metadata":\{/;

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const comma = 0x2c;

/** `"resourceVersion":"17"`; nothing for revision 0, which stands for "not stored" (dry run). */
function member(revision: number): string {
  return revision === 0 ? '' : `"resourceVersion":"${revision}"`;
}

/**
 * Adds `metadata.resourceVersion`, as metadata's first member, to what `encodeObject` wrote.
 * @throws Error when the text does not begin as `encodeObject` begins it
 */
export function spliceRevision(value: string, revision: number): SplicedObject {
  const head = beginning.exec(value)?.[0];
  if (head === undefined) throw new Error('a stored object does not begin with apiVersion, kind and metadata');
  const added = member(revision);
  const separator = added !== '' && value.charCodeAt(head.length) !== closeBrace ? ',' : '';
  const text = `${head}${added}${separator}${value.slice(head.length)}`;
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return { bytes, metadataStart: Buffer.byteLength(head) - 1 };
}

/** The same object with another revision; `from` is the one it has now. */
export function replaceRevision(object: SplicedObject, from: number, to: number): SplicedObject {
  const at = object.metadataStart + 1;
  let bodyStart = at + member(from).length;
  if (object.bytes[bodyStart] === comma) bodyStart++;
  const rest = object.bytes.subarray(bodyStart);
  const added = Buffer.from(`${member(to)}${to === 0 || rest[0] === closeBrace ? '' : ','}`);
  const bytes = Buffer.allocUnsafeSlow(at + added.length + rest.length);
  object.bytes.copy(bytes, 0, 0, at);
  added.copy(bytes, at);
  rest.copy(bytes, at + added.length);
  return { bytes, metadataStart: object.metadataStart };
}

/** Position after the `}` that closes the `{` at `start`. */
export function endOfObject(bytes: Buffer, start: number): number {
  let depth = 0;
  let inString = false;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === backslash) at++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openBrace) depth++;
    else if (byte === closeBrace && --depth === 0) return at + 1;
  }
  throw new Error('the JSON of an object ends inside its metadata');
}
