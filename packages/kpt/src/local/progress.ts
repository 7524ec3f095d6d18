import { PackageError } from '../pipeline/job.ts';
import type { ObservedCall, RenderObserver } from '../pipeline/observer.ts';
import type { RenderError } from '../pipeline/render-error.ts';
import type { FunctionResultItem } from '../pipeline/results.ts';
import type { PipelineStep } from '../pipeline/steps.ts';
import { withoutAtEnd } from '../yaml/text-end.ts';

/** Where progress is printed, and how. */
export interface ProgressOptions {
  /** Takes the text that people read, piece by piece. */
  readonly write: (text: string) => void;
  /** The width of the terminal that the text ends up on, where a line can be written over; undefined for anything else. */
  readonly columns: number | undefined;
  /** How a package of the tree is called; undefined where functions run on no package. */
  readonly packageName?: (path: string) => string;
  /** The time in milliseconds. */
  readonly now: () => number;
}

/** Prints what happens while functions run, in kpt's form. */
export class Progress implements RenderObserver {
  packages = 0;
  /** How many functions succeeded. */
  executed = 0;
  readonly #options: ProgressOptions;
  #running: { readonly image: string; readonly since: number } | undefined;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  packagesFound(count: number): void {
    this.packages = count;
  }

  pipelineBegins(packagePath: string): void {
    const name = this.#options.packageName?.(packagePath);
    if (name !== undefined) this.#line(`Package ${JSON.stringify(name)}:`);
  }

  functionBegins({ image, packagePath, selected }: ObservedCall): void {
    const name = this.#options.packageName?.(packagePath);
    const count = selected === undefined ? '' : ` on ${selected} resource(s)`;
    const place = name === undefined ? '' : ` on package ${JSON.stringify(name)}`;
    this.#running = { image, since: this.#options.now() };
    const text = `[RUNNING] ${JSON.stringify(image)}${count}${place}`;
    const { columns, write } = this.#options;
    // Of a text that takes several lines only the last one can be written over.
    if (columns === undefined) this.#line(text);
    else write(text.slice(0, columns - 1));
  }

  functionEnds(step: PipelineStep): void {
    const { exitCode, executionError, stderr, results } = step;
    const succeeded = exitCode === 0;
    const { image = step.image, since = this.#options.now() } = this.#running ?? {};
    if (this.#options.columns !== undefined && this.#running !== undefined) this.#options.write('\r\u001b[K');
    this.#running = undefined;
    const time = showDuration(this.#options.now() - since);
    this.#line(`[${succeeded ? 'PASS' : 'FAIL'}] ${JSON.stringify(image ?? '')} in ${time}`);
    this.#list('[Results]', results.map(showResult));
    if (stderr) this.#list('Stderr', withoutAtEnd(stderr, '\n').split('\n'));
    if (succeeded) this.executed += 1;
    else if (executionError !== undefined) this.error(executionError);
    else this.#line(`  Exit code: ${exitCode}`);
  }

  pipelineEnds(): void {
    if (this.#options.packageName !== undefined) this.#line('');
  }

  failed(error: RenderError | PackageError): void {
    if (error instanceof PackageError) this.error(error.message);
    else this.error(error.cause instanceof PackageError ? error.cause.message : error.reason);
  }

  /** Says why everything stopped. */
  error(reason: string): void {
    this.#line(`Error: ${reason}`);
  }

  /** Says something else. */
  note(text: string): void {
    this.#line(text);
  }

  #list(title: string, lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#line(`  ${title}:`);
    for (const line of lines.flatMap((text) => text.split('\n'))) this.#line(`    ${line}`);
  }

  #line(text: string): void {
    this.#options.write(`${text}\n`);
  }
}

/** `[error] v1/Service/ns/name spec.ports: message` */
function showResult({ severity = 'info', resourceRef = {}, field, message }: FunctionResultItem): string {
  const { apiVersion, kind, namespace, name } = resourceRef;
  const object = [apiVersion, kind, namespace, name].filter((part) => part).join('/');
  return `${[`[${severity}]`, object, field?.path].filter((part) => part).join(' ')}: ${message}`;
}

function showDuration(milliseconds: number): string {
  const whole = Math.floor(milliseconds);
  if (whole === 0) return '0s';
  return whole < 1000 ? `${whole}ms` : `${whole / 1000}s`;
}
