import { applyReplacements } from './apply-replacements/apply-replacements.ts';
import { applySetters } from './apply-setters/apply-setters.ts';
import { createSetters } from './create-setters/create-setters.ts';
import { deleteAnnotations } from './delete-annotations/delete-annotations.ts';
import { dropComments } from './drop-comments/drop-comments.ts';
import { enableGcpServices } from './enable-gcp-services/enable-gcp-services.ts';
import { ensureNameSubstring } from './ensure-name-substring/ensure-name-substring.ts';
import type { FunctionCatalogue, KrmFunction } from './function.ts';
import { genPkgContext } from './gen-pkg-context/gen-pkg-context.ts';
import { generateFolders } from './generate-folders/generate-folders.ts';
import { kubeconform } from './kubeconform/kubeconform.ts';
import { listSetters } from './list-setters/list-setters.ts';
import { noOp } from './no-op/no-op.ts';
import { removeLocalConfigResources } from './remove-local-config-resources/remove-local-config-resources.ts';
import { searchReplace } from './search-replace/search-replace.ts';
import { setAnnotations } from './set-annotations/set-annotations.ts';
import { setEnforcementAction } from './set-enforcement-action/set-enforcement-action.ts';
import { setImage } from './set-image/set-image.ts';
import { setLabels } from './set-labels/set-labels.ts';
import { setNamespace } from './set-namespace/set-namespace.ts';
import { setProjectId } from './set-project-id/set-project-id.ts';
import { sleep } from './sleep/sleep.ts';
import { starlark } from './starlark/starlark.ts';
import { upsertResource } from './upsert-resource/upsert-resource.ts';

const functions: readonly KrmFunction[] = [
  applyReplacements,
  applySetters,
  searchReplace,
  setAnnotations,
  setLabels,
  setNamespace,
  createSetters,
  listSetters,
  setImage,
  deleteAnnotations,
  removeLocalConfigResources,
  setEnforcementAction,
  upsertResource,
  ensureNameSubstring,
  genPkgContext,
  setProjectId,
  enableGcpServices,
  generateFolders,
  starlark,
  kubeconform,
  noOp,
  sleep,
  dropComments,
];

/** All functions that are part of the program, by the base name of their image. */
export const builtInFunctions: FunctionCatalogue = new Map(functions.map((entry) => [entry.name, entry]));
