import type { KrmObject } from '../yaml/krm-object.ts';

/** The API group of the catalogue's own configuration kinds. */
export const functionConfigGroup = 'fn.kpt.dev';

/** Their version. */
export const functionConfigVersion = 'v1alpha1';

/** Whether a function's configuration is a plain ConfigMap, whose `data` holds the parameters. */
export function isConfigMap(config: KrmObject): boolean {
  return config.apiVersion === 'v1' && config.kind === 'ConfigMap';
}

/** Whether a function's configuration is of the catalogue's kind with this name. */
export function isFunctionConfig(config: KrmObject, kind: string): boolean {
  return config.apiVersion === `${functionConfigGroup}/${functionConfigVersion}` && config.kind === kind;
}

/** The parameters in a configuration's `data`, as text; empty without a configuration. */
export function configData(config: KrmObject | undefined): ReadonlyMap<string, string> {
  return new Map(Object.entries(config?.getStringMap(['data']) ?? {}));
}
