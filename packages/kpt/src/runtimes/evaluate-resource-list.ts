import { builtInFunctions } from '../functions/catalogue.ts';
import { callBuiltIn } from './call-built-in.ts';
import type { EvaluationOutcome } from './evaluator.ts';
import { imageBaseName } from './image-reference.ts';
import { listText, ResourceListError } from './resource-list-text.ts';
import { serveResourceList } from './served-resource-list.ts';

/** What came of a built-in function, and for how many milliseconds that is still to be held back. */
export interface BuiltInOutcome extends EvaluationOutcome {
  readonly heldMs?: number;
}

/**
 * Runs a built-in function as functions of other programs are run: a ResourceList in, one out.
 *
 * @returns undefined where there is no such function
 */
export function evaluateResourceList(image: string, resourceList: Uint8Array): BuiltInOutcome | undefined {
  const entry = builtInFunctions.get(imageBaseName(image));
  if (entry === undefined) return undefined;
  try {
    const served = serveResourceList(listText(resourceList));
    const { items, results, exitCode, stderr = '', heldMs } = callBuiltIn(entry, served.input);
    // What a failed function made of the objects is of no use to anybody.
    const printed = served.print(exitCode === 0 ? items : [], results);
    const outcome = { resourceList: new TextEncoder().encode(printed), exitCode, stderr };
    return heldMs === undefined ? outcome : { ...outcome, heldMs };
  } catch (error) {
    if (!(error instanceof ResourceListError)) throw error;
    return {
      resourceList: new Uint8Array(),
      exitCode: 1,
      stderr: `what the function was given cannot be used: ${error.message}`,
    };
  }
}
