import { kptfileKind } from '../kptfile/kptfile.ts';
import type { KrmObject } from '../yaml/krm-object.ts';

/** Whether an object is a Kptfile, of whatever version. */
export function isKptfile({ group, kind }: KrmObject): boolean {
  return group === 'kpt.dev' && kind === kptfileKind;
}
