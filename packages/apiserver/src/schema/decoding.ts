/** Most levels of nesting of an object. */
export const maxDepth = 100;
/** Findings beyond this number are not listed. */
export const maxProblems = 100;

/** A value that cannot be decoded. The message names the field where there is one, and never holds values: they may be secret. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** So many values a body may have however short it is. */
const mostValues = 100_000;
/** A longer body may have one for so many bytes: an object of many short values takes the server seconds, one of long texts does not. */
const bytesOfValue = 256;

/** Counts the values of a body: fields of objects, and elements of lists. */
export class ValueCount {
  readonly #most: number;
  #found = 0;

  /** `bytes`: length of the body. */
  constructor(bytes: number) {
    this.#most = Math.max(mostValues, Math.floor(bytes / bytesOfValue));
  }

  /** Counts one more. @throws DecodeError when there are too many */
  add(): void {
    if (++this.#found > this.#most)
      throw new DecodeError(`the body has more than ${this.#most} fields and elements of lists`);
  }
}

/** Writes a path as Kubernetes does: `spec.tasks[0].clone`. */
export function printPath(path: readonly (string | number)[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** What one run of a decoder collects: where it is, and what strict decoding would refuse. */
export class Decoding {
  readonly path: (string | number)[] = [];
  readonly problems: string[] = [];
  /** Whether missing fields get defaults, and demanded ones their type's zero value. */
  readonly completes: boolean;

  constructor(completes = true) {
    this.completes = completes;
  }

  /** Notes a finding at the current path: `unknown field "spec.foo"`. */
  problem(finding: string): void {
    if (this.problems.length < maxProblems) {
      this.problems.push(`${finding} ${JSON.stringify(printPath(this.path))}`);
    }
  }

  fail(detail: string): never {
    const path = printPath(this.path);
    throw new DecodeError(path === '' ? detail : `field ${JSON.stringify(path)}: ${detail}`);
  }
}
