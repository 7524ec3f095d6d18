import type { KrmObject } from '../yaml/krm-object.ts';

/** Which objects something is about. */
export interface GroupVersionKind {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
}

/** Whether the object is selected: every part that the selector gives must be the object's own. */
export function isSelected(object: KrmObject, selector: GroupVersionKind): boolean {
  return (
    (!selector.group || selector.group === object.group) &&
    (!selector.version || selector.version === object.version) &&
    (!selector.kind || selector.kind === object.kind)
  );
}

/**
 * The looser comparison of the catalogue's SDK: a part that is missing on either side matches anything, so a resource of
 * the core group matches whatever group is asked for.
 */
export function isLooselySelected(object: KrmObject, selector: GroupVersionKind): boolean {
  return (
    sameOrMissing(selector.group, object.group) &&
    sameOrMissing(selector.version, object.version) &&
    sameOrMissing(selector.kind, object.kind)
  );
}

function sameOrMissing(wanted: string | undefined, actual: string): boolean {
  return !wanted || actual === '' || wanted === actual;
}
