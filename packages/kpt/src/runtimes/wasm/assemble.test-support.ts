/** Puts small WebAssembly modules together, instruction by instruction: <https://webassembly.github.io/spec/core/binary/>. */

const [i32, none] = [0x7f, 0x40];
const functionType = 0x60;

function unsigned(value: number): number[] {
  const low = value % 128;
  return value < 128 ? [low] : [low + 128, ...unsigned(Math.floor(value / 128))];
}

function signed(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  const isLast = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}

const list = (entries: readonly (readonly number[])[]) => [...unsigned(entries.length), ...entries.flat()];
const sized = (bytes: readonly number[]) => [...unsigned(bytes.length), ...bytes];
const text = (value: string) => sized([...Buffer.from(value)]);
const section = (id: number, bytes: readonly number[]) => [id, ...sized(bytes)];

/** Instructions of a function without parameters and results. */
export const code = {
  constant: (value: number) => [0x41, ...signed(value)],
  load: [0x28, 2, 0],
  store: [0x36, 2, 0],
  drop: [0x1a],
  isZero: [0x45],
  unreachable: [0x00],
  grow: [0x40, 0],
  /** Calls `fd_read`, `fd_write` or `proc_exit`. */
  call: (name: Import) => [0x10, imports.indexOf(name)],
  /** Repeats the instructions until `leave` or for ever. */
  loop: (body: readonly number[]) => [0x02, none, 0x03, none, ...body, 0x0c, 0, 0x0b, 0x0b],
  /** Leaves the loop that it stands in, where the value before it is not zero. */
  leaveIf: [0x0d, 1],
} as const;

type Import = 'fd_read' | 'fd_write' | 'proc_exit';
const imports: readonly Import[] = ['fd_read', 'fd_write', 'proc_exit'];

/** A WASI module whose `_start` is these instructions. Its memory has one page and begins with `data`. */
export function assemble(body: readonly number[], data = ''): Uint8Array {
  const types = [
    [functionType, ...list([[i32], [i32], [i32], [i32]]), ...list([[i32]])],
    [functionType, ...list([[i32]]), 0],
    [functionType, 0, 0],
  ];
  const imported = imports.map((name, index) => [
    ...text('wasi_snapshot_preview1'),
    ...text(name),
    0,
    index === 2 ? 1 : 0,
  ]);
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, list(imported)),
    ...section(3, list([[2]])),
    ...section(5, list([[0, 1]])),
    ...section(
      7,
      list([
        [...text('memory'), 2, 0],
        [...text('_start'), 0, imports.length],
      ]),
    ),
    ...section(10, list([sized([0, ...body, 0x0b])])),
    ...section(11, list([[0, ...code.constant(0), 0x0b, ...text(data)]])),
  ]);
}

/** Writes bytes of the memory to a descriptor. Uses the memory from 65500 on. */
export function write(descriptor: number, address: number, length: readonly number[]): number[] {
  return [
    ...[...code.constant(65500), ...code.constant(address), ...code.store],
    ...[...code.constant(65504), ...length, ...code.store],
    ...[...code.constant(descriptor), ...code.constant(65500), ...code.constant(1), ...code.constant(65508)],
    ...code.call('fd_write'),
    ...code.drop,
  ];
}

/** Copies standard input to standard output, 1000 bytes at a time. */
export const copyInput: readonly number[] = code.loop([
  ...[...code.constant(65500), ...code.constant(1024), ...code.store],
  ...[...code.constant(65504), ...code.constant(1000), ...code.store],
  ...[...code.constant(0), ...code.constant(65500), ...code.constant(1), ...code.constant(65508)],
  ...code.call('fd_read'),
  ...code.drop,
  ...[...code.constant(65508), ...code.load, ...code.isZero, ...code.leaveIf],
  ...write(1, 1024, [...code.constant(65508), ...code.load]),
]);
