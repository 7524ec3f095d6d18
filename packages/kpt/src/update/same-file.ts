import type { KrmObject } from '../yaml/krm-object.ts';
import { fingerprintWithout } from './fingerprint.ts';
import type { UpgradeTree } from './upgrade-tree.ts';

/**
 * Whether a file of the local package is what a clone of the upstream one has: the same text, or resources that say the same.
 * Where both are missing that is so, too.
 *
 * @param strip - removes from a copy of every resource what does not count
 */
export function sameFile(
  path: string,
  upstream: UpgradeTree,
  local: UpgradeTree,
  strip?: (copy: KrmObject) => void,
): boolean {
  const [theirs, ours] = [upstream.files.get(path), local.files.get(path)];
  if (theirs === ours) return true;
  if (theirs === undefined || ours === undefined) return false;
  if (upstream.text(path) === ours) return true;
  if (!upstream.isResource(path) || !local.isResource(path)) return false;
  const [a, b] = [upstream, local].map((tree) =>
    (tree.resources(path) ?? [])
      .filter((document) => !document.isEmpty)
      .map((document) => fingerprintWithout(document, path, strip ?? (() => undefined))),
  );
  return a !== undefined && b !== undefined && a.length === b.length && a.every((text, index) => text === b[index]);
}
