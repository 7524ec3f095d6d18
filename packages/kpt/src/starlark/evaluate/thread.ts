import { StarlarkLimitError } from '../errors.ts';
import { Budget, type Limits } from '../limits.ts';
import type { Builtin } from '../values/builtin.ts';
import type { Value } from '../values/value.ts';
import type { Frame } from './frame.ts';

/** What a program can reach besides its own values. */
export interface ThreadOptions {
  /** What messages call the program. */
  readonly file: string;
  readonly limits: Limits;
  /** Takes what `print` says, without an end of line. */
  readonly print: (text: string) => void;
  /** The values of a module that `load` names; undefined where there is none. */
  readonly load: (module: string) => Readonly<Record<string, Value>> | undefined;
  /** The names of modules, for messages. */
  readonly moduleNames: () => readonly string[];
}

/** One run of a program. */
export class Thread {
  readonly budget: Budget;
  readonly options: ThreadOptions;
  /** The calls that are under way, outermost first. They stay as they were when the program fails. */
  readonly #frames: Frame[] = [];
  /** The built-in function that is under way, and how many calls of the program's functions were when it was called. */
  #builtin: { readonly name: string; readonly depth: number } | undefined;

  constructor(options: ThreadOptions) {
    this.options = options;
    this.budget = new Budget(options.limits);
  }

  /** @throws StarlarkLimitError when too many calls are under way */
  enter(frame: Frame): void {
    if (this.#frames.length >= this.budget.limits.maxCallDepth) {
      throw new StarlarkLimitError(
        `more than ${this.budget.limits.maxCallDepth} calls within each other: ${frame.name}`,
      );
    }
    this.#frames.push(frame);
  }

  leave(): void {
    this.#frames.pop();
  }

  /** Runs a built-in function so that a failure names it. */
  within<T>(builtin: Builtin, call: () => T): T {
    const outer = this.#builtin;
    this.#builtin = { name: builtin.name, depth: this.#frames.length };
    const result = call();
    this.#builtin = outer;
    return result;
  }

  /** The calls that are under way and a message, as people read them. */
  traceback(message: string): string {
    const { file } = this.options;
    const lines = this.#frames.map(({ name, position }) => `  ${file}:${position.line}:${position.column}: in ${name}`);
    const shown =
      lines.length > 20
        ? [...lines.slice(0, 10), `  ... ${lines.length - 20} more calls ...`, ...lines.slice(-10)]
        : lines;
    const where = this.#builtin?.depth === this.#frames.length ? ` in ${this.#builtin.name}` : '';
    return ['Traceback (most recent call last):', ...shown, `Error${where}: ${message}`].join('\n');
  }
}
