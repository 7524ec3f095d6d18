import { posix } from 'node:path';
import type { PipelineFunction } from '../kptfile/kptfile.ts';
import { KrmObject } from '../yaml/krm-object.ts';

/**
 * What an entry configures its function with: its `configMap` as an object, or the object of its `configPath` as the functions
 * before it have left it.
 */
export function functionConfig(
  entry: PipelineFunction,
  packagePath: string,
  objects: readonly KrmObject[],
): KrmObject | undefined {
  const { configPath, configMap } = entry;
  if (configPath) {
    const path = posix.normalize(configPath);
    return objects.find((object) => object.packagePath === packagePath && object.path === path);
  }
  if (configMap === undefined || Object.keys(configMap).length === 0) return undefined;
  return KrmObject.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'function-input' },
    data: Object.fromEntries(Object.entries(configMap).sort(([a], [b]) => (a < b ? -1 : 1))),
  });
}
