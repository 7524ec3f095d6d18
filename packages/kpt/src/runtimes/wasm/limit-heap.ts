/**
 * What a module has outside of its memory the engine keeps in the heap of its thread. A thread that needs more than its heap may have is
 * ended, unless it wants much of it at once: that would end the whole process. So no module gets much at once.
 */
import { encode, type Limits, ModuleError, ModuleReader } from './module-bytes.ts';

/** Most entries of all tables together. Programs have one for each function that is called by its address. */
const mostTableEntries = 1 << 18;
/** Most bytes of a section of which each byte may become an entry of a list in the heap. */
const mostSectionBytes = 1 << 20;

const [functionType, tableWithValue] = [0x60, 0x40];

/**
 * The section of tables, with the most that each may grow to: together they stay within their limit.
 *
 * @throws ModuleError where they do not even begin so
 */
export function limitedTables(content: Uint8Array): readonly number[] {
  const reader = new ModuleReader(content);
  const count = reader.number();
  const tables: { readonly type: Uint8Array; readonly limits: Limits }[] = [];
  let entries = 0;
  for (let index = 0; index < count; index += 1) {
    const type = reader.valueType();
    if (type[0] === tableWithValue) throw new ModuleError('its table begins with a value, which is not supported');
    const limits = reader.limits('table');
    entries += limits.least;
    if (entries > mostTableEntries) {
      throw new ModuleError(`its tables have more than ${mostTableEntries} entries from the start`);
    }
    tables.push({ type, limits });
  }
  const room = Math.floor((mostTableEntries - entries) / Math.max(count, 1));
  const limited = tables.flatMap(({ type, limits: { least, most = Number.POSITIVE_INFINITY } }) => [
    ...[...type, 1, ...encode(least)],
    ...encode(Math.min(most, least + room)),
  ]);
  return [...encode(count), ...limited];
}

/** @throws ModuleError where a module has types of objects in the heap, which may be of any size */
export function refuseObjectTypes(content: Uint8Array): void {
  const reader = new ModuleReader(content);
  for (let left = reader.number(); left > 0; left -= 1) {
    if (reader.byte() !== functionType) {
      throw new ModuleError('it has types of objects (WasmGC), which is not supported: nothing limits their size');
    }
    for (const _ of ['parameters', 'results']) {
      for (let values = reader.number(); values > 0; values -= 1) reader.valueType();
    }
  }
}

/** @throws ModuleError where a section is so long that its entries would be too many; `what` is it that they are */
export function refuseLongSection(content: Uint8Array, what: string): void {
  if (content.length <= mostSectionBytes) return;
  throw new ModuleError(`its ${what} take more than ${mostSectionBytes} bytes`);
}
