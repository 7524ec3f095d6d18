import { posix } from 'node:path';
import type { PipelineFunction } from '../kptfile/kptfile.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import type { RenderNode } from './package-tree.ts';

/**
 * What an entry configures its function with: its `configMap` as an object, or the object of its `configPath` as the functions
 * before it have left it: also where they have removed it from the package.
 */
export function functionConfig(
  entry: PipelineFunction,
  { path: packagePath, documents }: Pick<RenderNode, 'path' | 'documents'>,
  objects: readonly KrmObject[],
): KrmObject | undefined {
  const { configPath, configMap } = entry;
  if (configPath) {
    const path = posix.normalize(configPath);
    const current = objects.find((object) => object.packagePath === packagePath && object.path === path);
    const [read] = documents.get(path)?.filter((document) => !document.isEmpty) ?? [];
    return current ?? (read && new KrmObject(read, path, 0));
  }
  if (configMap === undefined || Object.keys(configMap).length === 0) return undefined;
  return KrmObject.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'function-input' },
    data: Object.fromEntries(Object.entries(configMap).sort(([a], [b]) => (a < b ? -1 : 1))),
  });
}
