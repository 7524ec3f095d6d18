import { functionConfig } from '../../testing/run-function.ts';

/** An ApplyReplacements with a list of replacements. */
export function config(replacements: string) {
  return functionConfig(`apiVersion: fn.kpt.dev/v1alpha1\nkind: ApplyReplacements\nreplacements:\n${replacements}`);
}
