import type { KrmObject } from '../yaml/krm-object.ts';
import type { FieldPath } from '../yaml/node-edits.ts';
import { showPath } from './reporting.ts';

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

/**
 * The parameters in a configuration's `data`, as text; empty without a configuration.
 *
 * @throws Error as `textMap` does
 */
export function configData(config: KrmObject | undefined): ReadonlyMap<string, string> {
  return config === undefined ? new Map() : textMap(config, ['data']);
}

/**
 * The fields of a configuration's mapping, as text; empty where it is missing.
 *
 * @throws Error that names what is no mapping, or the field that is no text
 */
export function textMap(config: KrmObject, path: FieldPath): ReadonlyMap<string, string> {
  const data = config.get(path) ?? {};
  if (typeof data !== 'object' || Array.isArray(data)) throw new Error(`\`${showPath(path)}\` must be a mapping`);
  for (const [key, value] of Object.entries(data)) refuseCollection(value, [...path, key]);
  return new Map(Object.entries(config.getStringMap(path)));
}

/**
 * A field of a configuration, as text; empty where it is missing.
 *
 * @throws Error that names the field where it is no text
 */
export function textField(config: KrmObject, path: FieldPath): string {
  refuseCollection(config.get(path), path);
  return config.getString(path) ?? '';
}

function refuseCollection(value: unknown, path: FieldPath): void {
  if (typeof value === 'object' && value !== null) throw new Error(`\`${showPath(path)}\` must be a string`);
}
