import type { Arguments } from '../builtins/arguments.ts';
import type { ReprWriter } from './repr.ts';
import { StarlarkObject, type Value } from './value.ts';

/** What a built-in function does. */
export type BuiltinBody = (args: Arguments) => Value;

/** A function that is part of the interpreter, or of its host. */
export class Builtin extends StarlarkObject {
  override readonly type = 'builtin_function_or_method';
  readonly name: string;
  readonly body: BuiltinBody;
  /** What the method belongs to, for its text; undefined for functions. */
  readonly receiverType: string | undefined;

  constructor(name: string, body: BuiltinBody, receiverType?: string) {
    super();
    this.name = name;
    this.body = body;
    this.receiverType = receiverType;
  }

  override hashKey(): unknown {
    return this;
  }

  override write(writer: ReprWriter): void {
    if (this.receiverType === undefined) writer.text(`<built-in function ${this.name}>`);
    else writer.text(`<built-in method ${this.name} of ${this.receiverType} value>`);
  }
}
