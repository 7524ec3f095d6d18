import { setCondition, setRenderStatus } from '../kptfile/edit-kptfile.ts';
import { renderedCondition } from '../kptfile/kptfile.ts';
import { decodeKptfile, type ParsedKptfile } from '../kptfile/read-kptfile.ts';
import { kptfileName } from '../package/files.ts';
import type { KrmObject } from '../yaml/krm-object.ts';
import { PackageError } from './job.ts';
import type { RenderNode } from './package-tree.ts';
import { type PipelineStep, renderStatus } from './steps.ts';

/** Notes in a root Kptfile how rendering went: the condition `Rendered` and the steps. */
export function noteStatus(kptfile: KrmObject, steps: readonly PipelineStep[], error: string | undefined): void {
  setCondition(kptfile, {
    type: renderedCondition,
    status: error === undefined ? 'True' : 'False',
    reason: error === undefined ? 'RenderSuccess' : 'RenderFailed',
    ...(error !== undefined && { message: error }),
  });
  setRenderStatus(kptfile, renderStatus(steps));
}

/**
 * The Kptfile of a tree's root as functions have left it; undefined where it is another object than was read, or nobody could read
 * it as a Kptfile.
 */
export function ownKptfile({ items, documents }: RenderNode): ParsedKptfile | undefined {
  const found = items.filter(({ packagePath, path }) => packagePath === '' && path === kptfileName);
  const [object] = found;
  const own = documents.get(kptfileName) ?? [];
  if (object === undefined || found.length > 1 || !own.includes(object.source)) return undefined;
  try {
    decodeKptfile(kptfileName, object, own);
    return { object, documents: own };
  } catch (error) {
    if (error instanceof PackageError) return undefined;
    throw error;
  }
}
