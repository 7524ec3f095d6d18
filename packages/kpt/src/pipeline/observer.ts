import type { PackageError } from './job.ts';
import type { RenderError } from './render-error.ts';
import type { PipelineStep } from './steps.ts';

/** A function that is about to run. */
export interface ObservedCall {
  /** The full name of the image. */
  readonly image: string;
  /** The directory of the package whose pipeline it is of, relative to the rendered one and empty for that. */
  readonly packagePath: string;
  /** How many objects it gets; undefined where the pipeline's entry does not choose among them. */
  readonly selected: number | undefined;
}

/** Is told how rendering goes while it goes. Called on the thread that renders; must not throw. */
export interface RenderObserver {
  /** How many packages there are, the root included. */
  packagesFound(count: number): void;
  /** A package with a pipeline is next. */
  pipelineBegins(packagePath: string): void;
  functionBegins(call: ObservedCall): void;
  functionEnds(step: PipelineStep): void;
  /** All functions of the pipeline succeeded. */
  pipelineEnds(packagePath: string): void;
  /** Rendering stopped. Not called for what `functionEnds` has said already. */
  failed(error: RenderError | PackageError): void;
}
