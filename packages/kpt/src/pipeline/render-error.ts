import { displayPath } from '../package/package-paths.ts';

/** What else is known of a rendering that failed. */
export interface RenderErrorOptions extends ErrorOptions {
  /** The directory of the package that was being rendered when it happened; that of the package itself unless given. */
  readonly during?: string;
  /** Whether who observes the rendering has been told with the end of a function. */
  readonly isObserved?: boolean;
}

/** Why rendering stopped: in which package, doing what. The message is the whole chain. */
export class RenderError extends Error {
  /** The directory of the package, relative to the rendered one. */
  readonly packagePath: string;
  /** What was being done, `pipeline.run`. */
  readonly operation: string | undefined;
  /** The last link of the chain. */
  readonly reason: string;
  /** Whether who observes the rendering knows already. */
  readonly isObserved: boolean;

  constructor(packagePath: string, operation: string | undefined, reason: string, options: RenderErrorOptions = {}) {
    const { during = packagePath, isObserved = false, ...others } = options;
    const place = during === packagePath ? '' : `pkg ${displayPath(packagePath)}: `;
    const lead = `pkg.render: pkg ${displayPath(during)}:`;
    super(operation === undefined ? `${lead} ${place}${reason}` : `${lead}\n\t${operation}: ${place}${reason}`, others);
    this.name = 'RenderError';
    this.packagePath = packagePath;
    this.operation = operation;
    this.reason = reason;
    this.isObserved = isObserved;
  }
}
