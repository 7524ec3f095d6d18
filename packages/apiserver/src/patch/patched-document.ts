import { isDeepStrictEqual } from 'node:util';
import { copyJson } from '../meta/copy-json.ts';
import { isObject, setMember } from '../meta/json-object.ts';

/** One operation of a JSON patch (RFC 6902), of which more is not known than that two members are texts. */
export interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: unknown;
  readonly value?: unknown;
}

/** An operation that cannot be done to the document. The message says why. */
export class OperationError extends Error {}

/** A value and where it stands: a member of an object, or a place in a list. */
interface Place {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string;
}

/**
 * How many elements of lists may change their place. Those behind one that comes or goes do, and a patch of a few hundred kilobytes
 * could have its lists moved for minutes.
 */
const mostShifts = 100_000_000;

const nothingThere = 'there is nothing at the path';
const listIndex = /^(?:0|[1-9]\d*)$/;

function segmentsOf(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw new OperationError('the path must be text that begins with a slash');
  const segments = pointer.slice(1).split('/');
  if (segments.includes('__proto__')) throw new OperationError('it cannot be applied');
  return segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function indexOf(key: string): number {
  if (!listIndex.test(key)) throw new OperationError('the path must name an element of the list by its number');
  return Number(key);
}

function childOf(holder: unknown, key: string): unknown {
  if (Array.isArray(holder)) return listIndex.test(key) ? holder[Number(key)] : undefined;
  return isObject(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
}

function valueOf(operation: Operation): unknown {
  if (operation.value === undefined) throw new OperationError('"value" is missing');
  return operation.value;
}

function fromOf({ from }: Operation): string {
  if (typeof from !== 'string') throw new OperationError('"from" is missing');
  return from;
}

/**
 * A document that operations are done to, in place. A member that an object does not have is as good as null, as in Kubernetes: clients
 * test that there is none, and replace what may not be there yet. Values of operations are copied, and can be used again.
 */
export class PatchedDocument {
  #root: unknown;
  #shifted = 0;
  #copied = 0;
  readonly #maxCopiedBytes: number;

  /** `root` is changed. `maxCopiedBytes`: of JSON, for everything that copy operations add. */
  constructor(root: unknown, maxCopiedBytes: number) {
    this.#root = root;
    this.#maxCopiedBytes = maxCopiedBytes;
  }

  get root(): unknown {
    return this.#root;
  }

  /** @throws OperationError; the document may be half changed then */
  apply(operation: Operation): void {
    const { op, path } = operation;
    switch (op) {
      case 'add':
        return this.#add(path, copyJson(valueOf(operation)));
      case 'remove':
        return this.#remove(path);
      case 'replace':
        return this.#replace(path, copyJson(valueOf(operation)));
      case 'move':
        return this.#move(fromOf(operation), path);
      case 'copy':
        return this.#add(path, this.#copyOf(fromOf(operation)));
      case 'test':
        return this.#test(path, valueOf(operation));
      default:
        throw new OperationError('"op" must be add, remove, replace, move, copy or test');
    }
  }

  /** The place that a path leads to; undefined for the document itself. */
  #placeOf(path: string, missing: string): Place | undefined {
    const segments = segmentsOf(path);
    const key = segments.pop();
    if (key === undefined) return undefined;
    const holder = segments.reduce(childOf, this.#root);
    if (!isObject(holder) && !Array.isArray(holder)) throw new OperationError(missing);
    return { holder, key };
  }

  #get(path: string): unknown {
    return segmentsOf(path).reduce(childOf, this.#root);
  }

  #add(path: string, value: unknown): void {
    const place = this.#placeOf(path, 'a part of the path does not exist');
    if (place === undefined) this.#root = value;
    else if (Array.isArray(place.holder)) this.#insert(place.holder, place.key, value);
    else setMember(place.holder, place.key, value);
  }

  #insert(list: unknown[], key: string, value: unknown): void {
    const index = key === '-' ? list.length : indexOf(key);
    if (index > list.length) throw new OperationError('the index is beyond the end of the list');
    this.#shift(list.length - index);
    list.splice(index, 0, value);
  }

  #remove(path: string): void {
    const place = this.#placeOf(path, nothingThere);
    if (place === undefined) {
      this.#root = null;
      return;
    }
    const { holder, key } = place;
    if (childOf(holder, key) === undefined) throw new OperationError(nothingThere);
    if (Array.isArray(holder)) {
      this.#shift(holder.length - Number(key));
      holder.splice(Number(key), 1);
    } else delete holder[key];
  }

  #replace(path: string, value: unknown): void {
    const place = this.#placeOf(path, nothingThere);
    if (place === undefined) this.#root = value;
    else if (!Array.isArray(place.holder)) setMember(place.holder, place.key, value);
    else if (childOf(place.holder, place.key) === undefined) throw new OperationError(nothingThere);
    else place.holder[Number(place.key)] = value;
  }

  #move(from: string, path: string): void {
    if (path.startsWith(`${from}/`)) throw new OperationError('a value cannot be moved into itself');
    const value = this.#get(from);
    if (value === undefined) throw new OperationError('there is nothing at "from"');
    if (from === path) return;
    this.#remove(from);
    this.#add(path, value);
  }

  #copyOf(from: string): unknown {
    const value = this.#get(from);
    if (value === undefined) throw new OperationError('there is nothing at "from"');
    this.#copied += JSON.stringify(value).length;
    if (this.#copied > this.#maxCopiedBytes) {
      throw new OperationError(`the patch copies more than ${this.#maxCopiedBytes} bytes`);
    }
    return copyJson(value);
  }

  #test(path: string, value: unknown): void {
    const place = this.#placeOf(path, nothingThere);
    const found = this.#get(path);
    const same = found === undefined ? value === null && isObject(place?.holder) : isDeepStrictEqual(found, value);
    if (!same) throw new OperationError('the value is not the one it tests for');
  }

  #shift(elements: number): void {
    this.#shifted += elements;
    if (this.#shifted > mostShifts) throw new OperationError('the patch moves too many elements of lists');
  }
}
