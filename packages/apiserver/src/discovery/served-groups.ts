import type { AnyResourceDefinition } from '../registry/resource.ts';
import { compareVersions } from './version-order.ts';

/** A version of a group, with its resources. */
export interface ServedVersion {
  readonly version: string;
  readonly definitions: readonly AnyResourceDefinition[];
}

/** An API group, its preferred version first. The core group has no name. */
export interface ServedGroup {
  readonly group: string;
  readonly versions: readonly ServedVersion[];
}

/**
 * Sorts definitions into groups, in the order in which the groups are first met.
 *
 * @throws TypeError when two definitions are of one resource, or of one kind
 */
export function servedGroups(definitions: readonly AnyResourceDefinition[]): ServedGroup[] {
  const seen = new Set<string>();
  for (const { group, version, plural, kind } of definitions) {
    for (const key of [`resource ${plural}`, `kind ${kind}`]) {
      const full = `${key} of ${group}/${version}`;
      if (seen.has(full)) throw new TypeError(`${full} is defined twice`);
      seen.add(full);
    }
  }
  return [...Map.groupBy(definitions, (d) => d.group)].map(([group, ofGroup]) => ({
    group,
    versions: [...Map.groupBy(ofGroup, (d) => d.version)]
      .map(([version, ofVersion]) => ({ version, definitions: ofVersion }))
      .sort((a, b) => compareVersions(a.version, b.version)),
  }));
}
