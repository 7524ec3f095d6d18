import type { KrmObject } from '../../yaml/krm-object.ts';
import { functionConfigGroup, functionConfigVersion, isConfigMap, isFunctionConfig } from '../function-config.ts';

/** The script of a configuration. */
export interface Script {
  /** What messages call it. */
  readonly name: string;
  readonly source: string;
}

/**
 * The script in a ConfigMap's `data.source`, or a StarlarkRun's `source`.
 *
 * @throws Error for a configuration that is missing, of another kind, or without a script
 */
export function readScript(config: KrmObject | undefined): Script {
  if (config === undefined) throw new Error('FunctionConfig is missing. Expect `ConfigMap` or `StarlarkRun`');
  const source = config.get(pathOf(config));
  if (source === undefined || source === null || source === '') throw new Error('`source` must not be empty');
  if (typeof source !== 'string') throw new Error('`source` must be a text: the script');
  return { name: config.name || 'starlark-function-run', source };
}

function pathOf(config: KrmObject): readonly string[] {
  if (isConfigMap(config)) return ['data', 'source'];
  if (isFunctionConfig(config, 'StarlarkRun')) return ['source'];
  const wanted = `/v1, Kind=ConfigMap or ${functionConfigGroup}/${functionConfigVersion}, Kind=StarlarkRun`;
  const { group, version, kind } = config;
  throw new Error(`\`functionConfig\` must be either ${wanted}, but we got: ${group}/${version}, Kind=${kind}`);
}
