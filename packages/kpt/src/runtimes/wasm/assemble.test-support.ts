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
  /** Grows table 0 by so many entries; gives how many it had, or -1 where it cannot. */
  growTable: (entries: number) => [0xd0, 0x70, ...code.constant(entries), 0xfc, 15, 0],
  /** Calls a function of WASI. */
  call: (name: Import) => [0x10, imports.findIndex(([imported]) => imported === name)],
  /** Repeats the instructions until `leave` or for ever. */
  loop: (body: readonly number[]) => [0x02, none, 0x03, none, ...body, 0x0c, 0, 0x0b, 0x0b],
  /** Leaves the loop that it stands in, where the value before it is not zero. */
  leaveIf: [0x0d, 1],
} as const;

const types = [
  [functionType, ...list([[i32], [i32], [i32], [i32]]), ...list([[i32]])],
  [functionType, ...list([[i32]]), 0],
  [functionType, 0, 0],
  [functionType, ...list([[i32]]), ...list([[i32]])],
];
const [fourToError, toNothing, procedure, toError] = [0, 1, 2, 3];

/** What modules may import, with the type of each. */
const imports = [
  ['fd_read', fourToError],
  ['fd_write', fourToError],
  ['proc_exit', toNothing],
  ['poll_oneoff', fourToError],
  ['fd_close', toError],
  ['proc_raise', toError],
] as const;
type Import = (typeof imports)[number][0];

/** How a module is other than usual. */
export interface ModuleOddities {
  /** The name that its function is exported by. */
  readonly start?: string;
  /** How many memories it has. */
  readonly memories?: number;
  /** How many entries each of its tables has. */
  readonly tables?: readonly number[];
}

/** A WASI module whose `_start` is these instructions. Its memory has one page and begins with `data`. */
export function assemble(
  body: readonly number[],
  data = '',
  { start = '_start', memories = 1, tables = [] }: ModuleOddities = {},
): Uint8Array {
  const imported = imports.map(([name, type]) => [...text('wasi_snapshot_preview1'), ...text(name), 0, type]);
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, list(imported)),
    ...section(3, list([[procedure]])),
    ...section(4, list(tables.map((entries) => [0x70, 0, ...unsigned(entries)]))),
    ...section(5, list(Array.from({ length: memories }, () => [0, 1]))),
    ...section(
      7,
      list([
        [...text('memory'), 2, 0],
        [...text(start), 0, imports.length],
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

/** Copies standard input to a descriptor, so many bytes at a time. */
export const copyInputTo = (descriptor: number, pieceBytes: number): readonly number[] =>
  code.loop([
    ...[...code.constant(65500), ...code.constant(1024), ...code.store],
    ...[...code.constant(65504), ...code.constant(pieceBytes), ...code.store],
    ...[...code.constant(0), ...code.constant(65500), ...code.constant(1), ...code.constant(65508)],
    ...code.call('fd_read'),
    ...code.drop,
    ...[...code.constant(65508), ...code.load, ...code.isZero, ...code.leaveIf],
    ...write(descriptor, 1024, [...code.constant(65508), ...code.load]),
  ]);

/** Copies standard input to standard output. */
export const copyInput = copyInputTo(1, 1000);

/** Waits for so many seconds, by one subscription to a clock at 65000. */
export function sleep(seconds: number): number[] {
  const nanoseconds = BigInt(seconds) * 1_000_000_000n;
  const [low, high] = [Number(BigInt.asIntN(32, nanoseconds)), Number(nanoseconds >> 32n)];
  return [
    ...[...code.constant(65016), ...code.constant(1), ...code.store],
    ...[...code.constant(65024), ...code.constant(low), ...code.store],
    ...[...code.constant(65028), ...code.constant(high), ...code.store],
    ...[...code.constant(65000), ...code.constant(65100), ...code.constant(1), ...code.constant(65200)],
    ...code.call('poll_oneoff'),
    ...code.drop,
  ];
}
