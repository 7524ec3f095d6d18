import { posix } from 'node:path';
import { isMap, isSeq } from 'yaml';
import { kptfileKind } from '../../kptfile/kptfile.ts';
import { kptfileName } from '../../package/files.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';

/** The values that the apply-setters entries of the package's Kptfile give; a later entry wins over an earlier one. */
export function kptfileSetters(items: readonly KrmObject[]): ReadonlyMap<string, string> {
  const kptfile = items.find(({ path, kind }) => path === kptfileName && kind === kptfileKind);
  const mutators = kptfile?.node(['pipeline', 'mutators']);
  const setters = new Map<string, string>();
  if (kptfile === undefined || !isSeq(mutators)) return setters;
  for (const index of mutators.items.keys()) {
    const entry = ['pipeline', 'mutators', index];
    if (!kptfile.getString([...entry, 'image'])?.includes('apply-setters')) continue;
    for (const [name, value] of Object.entries(entryValues(kptfile, entry, items))) setters.set(name, value);
  }
  return setters;
}

function entryValues(
  kptfile: KrmObject,
  entry: readonly (string | number)[],
  items: readonly KrmObject[],
): Readonly<Record<string, string>> {
  const map = [...entry, 'configMap'];
  if (isMap(kptfile.node(map))) return kptfile.getStringMap(map);
  const path = posix.normalize(kptfile.getString([...entry, 'configPath']) ?? '');
  const config = items.find((object) => object.path === path && object.packagePath === kptfile.packagePath);
  return config?.getStringMap(['data']) ?? {};
}
