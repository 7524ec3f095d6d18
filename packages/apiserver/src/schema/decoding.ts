/** Most levels of nesting of an object. */
export const maxDepth = 100;
/** Findings beyond this number are not listed. */
export const maxProblems = 100;

/** A value that cannot be decoded. The message names the field where there is one, and never holds values: they may be secret. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
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
