import {
  Composer,
  type CST,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { DecodeError, Decoding, maxDepth, ValueCount } from './decoding.ts';
import { type ReadValue, utf8Text } from './read-json.ts';

/** Most nodes that aliases may add to a document. */
const maxAliasNodes = 10_000;

class Conversion {
  readonly decoding: Decoding = new Decoding();
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #aliasDepth = 0;
  #aliasNodes = 0;

  value(node: unknown): unknown {
    if (this.decoding.path.length > maxDepth) this.decoding.fail(tooDeep);
    if (this.#aliasDepth > 0 && ++this.#aliasNodes > maxAliasNodes) {
      this.decoding.fail('the aliases of the document repeat too much');
    }
    if (isAlias(node)) return this.#alias(node.source);
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return null;
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#scalar(node);
    this.#open.add(node);
    const value = isMap(node) ? this.#map(node) : node.items.map((item, index) => this.#at(index, item));
    this.#open.delete(node);
    return value;
  }

  #at(step: string | number, node: unknown): unknown {
    this.decoding.path.push(step);
    const value = this.value(node);
    this.decoding.path.pop();
    return value;
  }

  #alias(name: string): unknown {
    const node = this.#anchors.get(name);
    if (node === undefined) this.decoding.fail(`the alias *${name} has no anchor before it`);
    if (this.#open.has(node)) this.decoding.fail(`the alias *${name} contains itself`);
    this.#aliasDepth++;
    const value = this.value(node);
    this.#aliasDepth--;
    return value;
  }

  #scalar(node: Scalar): unknown {
    const { value } = node;
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    return this.decoding.fail('found a value that JSON does not have');
  }

  #key(node: unknown): string {
    const key = isAlias(node) ? this.#anchors.get(node.source) : node;
    if (!isScalar(key)) return this.decoding.fail('found a key that is not a string');
    if (key.anchor !== undefined) this.#anchors.set(key.anchor, key);
    return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
  }

  #map(map: YAMLMap): Record<string, unknown> {
    const entries = new Map<string, unknown>();
    for (const pair of map.items) {
      const key = this.#key(pair.key);
      this.decoding.path.push(key);
      if (entries.has(key)) this.decoding.problem('duplicate field');
      entries.set(key, this.value(pair.value));
      this.decoding.path.pop();
    }
    return Object.fromEntries(entries);
  }
}

const tooDeep = `the object is nested more than ${maxDepth} levels deep`;

/** Parts of documents, whose structure is checked first: what follows from a megabyte of nothing but brackets takes seconds, and a gigabyte. */
function* tokensOf(text: string, lineCounter: LineCounter): Generator<CST.Token> {
  const values = new ValueCount(text.length);
  const parser = new Parser(lineCounter.addNewLine);
  let brackets = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === '[' || lexeme === '{') {
      values.add();
      if (++brackets > maxDepth) throw new DecodeError(tooDeep);
    } else if (lexeme === ']' || lexeme === '}') brackets = Math.max(0, brackets - 1);
    // A value within brackets has a comma behind it, one outside is that of a key or of a list.
    else if (lexeme === ',' || lexeme === '---' || (brackets === 0 && /^[-:?]$/.test(lexeme))) values.add();
    yield* parser.next(lexeme);
  }
  yield* parser.end();
}

function parse(text: string): Node | null {
  const lineCounter = new LineCounter();
  const composer = new Composer({
    schema: 'core',
    version: '1.2',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  lineCounter.addNewLine(0);
  const documents = [...composer.compose(tokensOf(text, lineCounter))];
  for (const { errors } of documents) {
    const [error] = errors;
    if (error !== undefined) {
      // The parser reports as an error of the text that it ran out of stack.
      if (/call stack/.test(error.message)) throw new RangeError(error.message);
      const { line, col } = lineCounter.linePos(error.pos[0]);
      throw new DecodeError(`the body is not valid YAML at line ${line}, column ${col}: ${error.message}`);
    }
  }
  const filled = documents.filter((d) => d.contents !== null && !(isScalar(d.contents) && d.contents.value === null));
  if (filled.length > 1) throw new DecodeError('the body has several YAML documents, want one');
  return (filled[0]?.contents as Node | undefined) ?? null;
}

/**
 * Reads a YAML body of one document: YAML 1.2 core schema, no merge keys, aliases and values within bounds.
 *
 * @throws DecodeError
 */
export function readYaml(body: Buffer): ReadValue {
  const text = utf8Text(body);
  try {
    const conversion = new Conversion();
    const value = conversion.value(parse(text));
    return { value, problems: [...new Set(conversion.decoding.problems)] };
  } catch (error) {
    if (error instanceof RangeError) {
      throw new DecodeError(tooDeep, { cause: error });
    }
    throw error;
  }
}
