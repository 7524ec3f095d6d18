import { StarlarkError } from '../errors.ts';
import { Builtin } from '../values/builtin.ts';
import type { ReprWriter } from '../values/repr.ts';
import { StarlarkObject, type Value } from '../values/value.ts';

/** A library that other implementations have. It can be loaded; every use of it fails. */
export class UnavailableLibrary extends StarlarkObject {
  override readonly type = 'module';
  readonly name: string;
  readonly reason: string;

  constructor(name: string, reason: string) {
    super();
    this.name = name;
    this.reason = reason;
  }

  override attribute(name: string): Value {
    throw new StarlarkError(`${this.name}.${name} is not available: ${this.reason}`);
  }

  override write(writer: ReprWriter): void {
    writer.text(`<module "${this.name}">`);
  }
}

/** A function of such a library. */
export function unavailableFunction(name: string, reason: string): Builtin {
  return new Builtin(name, () => {
    throw new StarlarkError(`${name} is not available: ${reason}`);
  });
}
