import type { Sealing } from '../sealing.ts';
import type { ObjectKey } from '../store.ts';

/** No object begins like this: objects are JSON. */
const prefix = 'sealed:';

/** What the column of a value gets: the value itself, or its sealed form as text. */
export function sealText(sealing: Sealing, key: ObjectKey, value: string): string {
  const sealed = sealing.seal(key, value);
  return typeof sealed === 'string' ? sealed : prefix + Buffer.from(sealed).toString('base64');
}

/**
 * The value that was handed to `sealText`.
 * @throws Error when it cannot be opened with this key
 */
export function openText(sealing: Sealing, key: ObjectKey, stored: string): string {
  return sealing.open(key, stored.startsWith(prefix) ? Buffer.from(stored.slice(prefix.length), 'base64') : stored);
}
