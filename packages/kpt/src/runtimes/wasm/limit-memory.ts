import { limitedTables, refuseLongSection, refuseObjectTypes } from './limit-heap.ts';
import { encode, ModuleError, ModuleReader } from './module-bytes.ts';

const pageBytes = 65536;
/** What addresses of 32 bits reach; a module that says more is none. */
const addressablePages = 65536;
const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const sections = { types: 1, imports: 2, tables: 4, memories: 5, exports: 7, elements: 9 } as const;

/**
 * The same WebAssembly module, with the most that its memory and its tables may grow to: engines have no limit of their own for the one,
 * and too high a one for the others. See <https://webassembly.github.io/spec/core/binary/modules.html#memory-section>.
 *
 * @throws ModuleError where it is no module, imports its memory, has several, needs more from the start, or has what cannot be limited
 */
export function limitMemory(module: Uint8Array, mostBytes: number): Uint8Array<ArrayBuffer> {
  if (!header.every((byte, index) => module[index] === byte)) throw new ModuleError('it is no WebAssembly module');
  const mostPages = Math.min(Math.floor(mostBytes / pageBytes), addressablePages);
  const parts: Uint8Array[] = [module.subarray(0, header.length)];
  const reader = new ModuleReader(module, header.length);
  while (!reader.isAtEnd) {
    const begin = reader.position;
    const id = reader.byte();
    const content = reader.bytes(reader.number());
    const limited = limitedSection(id, content, mostPages);
    if (limited === undefined) parts.push(module.subarray(begin, reader.position));
    else parts.push(Uint8Array.from([id, ...encode(limited.length), ...limited]));
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** What stands in place of a section; undefined where it stays. */
function limitedSection(id: number, content: Uint8Array, mostPages: number): readonly number[] | undefined {
  switch (id) {
    case sections.types:
      refuseObjectTypes(content);
      break;
    case sections.imports:
      refuseImportedMemory(content);
      break;
    case sections.tables:
      return limitedTables(content);
    case sections.memories:
      return limitedMemories(content, mostPages);
    case sections.exports:
      refuseLongSection(content, 'exports');
      break;
    case sections.elements:
      refuseLongSection(content, 'elements of tables');
      break;
  }
  return undefined;
}

function limitedMemories(content: Uint8Array, mostPages: number): readonly number[] {
  const reader = new ModuleReader(content);
  const count = reader.number();
  if (count > 1) throw new ModuleError(`it has ${count} memories, which is not supported: give it one`);
  const entries: number[] = [...encode(count)];
  for (let index = 0; index < count; index += 1) {
    const { least, most = mostPages } = reader.limits('memory');
    if (least > mostPages) throw new ModuleError(`it needs ${least * pageBytes} bytes of memory from the start`);
    entries.push(1, ...encode(least), ...encode(Math.min(most, mostPages)));
  }
  return entries;
}

function refuseImportedMemory(content: Uint8Array): void {
  const reader = new ModuleReader(content);
  for (let left = reader.number(); left > 0; left -= 1) {
    reader.bytes(reader.number());
    reader.bytes(reader.number());
    const kind = reader.byte();
    if (kind === 0) reader.number();
    else if (kind === 2) throw new ModuleError('it imports its memory, which is not supported');
    else throw new ModuleError('it imports something else than functions, which is not supported');
  }
}
