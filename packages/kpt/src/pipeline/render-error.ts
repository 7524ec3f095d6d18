import { displayPath } from '../package/package-paths.ts';

/** Why rendering stopped: in which package, doing what. The message is the whole chain. */
export class RenderError extends Error {
  /** The directory of the package, relative to the rendered one. */
  readonly packagePath: string;
  /** What was being done, `pipeline.run`. */
  readonly operation: string | undefined;

  constructor(packagePath: string, operation: string | undefined, reason: string, options?: ErrorOptions) {
    const lead = `pkg.render: pkg ${displayPath(packagePath)}:`;
    super(operation === undefined ? `${lead} ${reason}` : `${lead}\n\t${operation}: ${reason}`, options);
    this.name = 'RenderError';
    this.packagePath = packagePath;
    this.operation = operation;
  }
}
