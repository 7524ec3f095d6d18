import { BoundedText, mostStderrBytes } from '../bounded-text.ts';
import { errno } from './errno.ts';
import { OutputBuffer } from './output-buffer.ts';
import { poll } from './poll.ts';

/** What Node.js does for modules is used only where it touches nothing of the process but clocks and random numbers. */
const ofNode = [
  'args_get',
  'args_sizes_get',
  'clock_res_get',
  'clock_time_get',
  'environ_get',
  'environ_sizes_get',
  'proc_exit',
  'random_get',
  'sched_yield',
] as const;

/** Whatever takes a directory or a socket: there are none. */
const withoutDescriptor = [
  'fd_prestat_dir_name',
  'fd_prestat_get',
  'fd_readdir',
  'path_create_directory',
  'path_filestat_get',
  'path_filestat_set_times',
  'path_link',
  'path_open',
  'path_readlink',
  'path_remove_directory',
  'path_rename',
  'path_symlink',
  'path_unlink_file',
  'sock_accept',
  'sock_recv',
  'sock_send',
  'sock_shutdown',
] as const;

/** What the three streams cannot do. */
const notOfStreams = [
  'fd_advise',
  'fd_allocate',
  'fd_datasync',
  'fd_fdstat_set_rights',
  'fd_filestat_set_size',
  'fd_filestat_set_times',
  'fd_renumber',
  'fd_sync',
] as const;

/** What streams of which nobody can go back say. */
const notSeekable = ['fd_pread', 'fd_pwrite', 'fd_seek', 'fd_tell'] as const;

const rights = { read: 1n << 1n, write: 1n << 6n, poll: 1n << 27n } as const;

/** The module printed more than it may. */
export class TooMuchOutput extends Error {}

/**
 * WASI preview 1 for a function: its input and output in memory, and nothing else. No call reaches a descriptor or a signal of the process,
 * and none waits where the thread could not be ended.
 */
export class SystemInterface {
  readonly stderr = new BoundedText(mostStderrBytes);
  readonly #stdout: OutputBuffer;
  readonly #input: Uint8Array;
  readonly #open = new Set([0, 1, 2]);
  #consumed = 0;
  /** The module's memory, known once it is instantiated. */
  memory: WebAssembly.Memory | undefined;

  constructor(input: Uint8Array, outputBytes: number) {
    this.#input = input;
    this.#stdout = new OutputBuffer(outputBytes);
  }

  get stdout(): Uint8Array {
    return this.#stdout.contents();
  }

  /** What modules import, given what Node.js would let them import. */
  imports(node: WebAssembly.ModuleImports): WebAssembly.ModuleImports {
    const badDescriptor = () => errno.badf;
    const of = (code: number) => (descriptor: number) => (this.#open.has(descriptor) ? code : errno.badf);
    const all = <T>(names: readonly string[], value: (name: string) => T) =>
      Object.fromEntries(names.map((name) => [name, value(name)]));
    return {
      ...all(ofNode, (name) => node[name]),
      ...all(withoutDescriptor, () => badDescriptor),
      ...all(notOfStreams, () => of(errno.notsup)),
      ...all(notSeekable, () => of(errno.spipe)),
      fd_close: (descriptor: number) => (this.#open.delete(descriptor) ? errno.success : errno.badf),
      fd_fdstat_get: this.#describe.bind(this),
      fd_fdstat_set_flags: of(errno.success),
      fd_filestat_get: this.#fileStatus.bind(this),
      fd_read: this.#read.bind(this),
      fd_write: this.#write.bind(this),
      poll_oneoff: (from: number, to: number, count: number, sizeAddress: number) =>
        poll(this.#view(), this.#open, {
          from: from >>> 0,
          to: to >>> 0,
          count: count >>> 0,
          sizeAddress: sizeAddress >>> 0,
        }),
      // A signal would be one to the whole process.
      proc_raise: () => errno.nosys,
    };
  }

  #view(): DataView {
    return new DataView(this.memory?.buffer ?? new ArrayBuffer(0));
  }

  *#vectors(address: number, count: number): Generator<Uint8Array> {
    const view = this.#view();
    for (let index = 0; index < count >>> 0; index += 1) {
      const at = (address >>> 0) + index * 8;
      yield new Uint8Array(view.buffer as ArrayBuffer, view.getUint32(at, true), view.getUint32(at + 4, true));
    }
  }

  #answerSize(address: number, size: number): number {
    this.#view().setUint32(address >>> 0, size, true);
    return errno.success;
  }

  #read(descriptor: number, address: number, count: number, sizeAddress: number): number {
    if (descriptor !== 0 || !this.#open.has(descriptor)) return errno.badf;
    const begun = this.#consumed;
    for (const target of this.#vectors(address, count)) {
      const chunk = this.#input.subarray(this.#consumed, this.#consumed + target.length);
      target.set(chunk);
      this.#consumed += chunk.length;
    }
    return this.#answerSize(sizeAddress, this.#consumed - begun);
  }

  #write(descriptor: number, address: number, count: number, sizeAddress: number): number {
    if ((descriptor !== 1 && descriptor !== 2) || !this.#open.has(descriptor)) return errno.badf;
    let size = 0;
    for (const chunk of this.#vectors(address, count)) {
      size += chunk.length;
      if (descriptor === 2) this.stderr.append(chunk);
      else if (!this.#stdout.append(chunk)) throw new TooMuchOutput();
    }
    return this.#answerSize(sizeAddress, size);
  }

  /** A stream of no known kind, as a pipe is, that can be read or written. */
  #describe(descriptor: number, address: number): number {
    if (!this.#open.has(descriptor)) return errno.badf;
    const at = address >>> 0;
    this.#clear(at, 24);
    const may = (descriptor === 0 ? rights.read : rights.write) | rights.poll;
    this.#view().setBigUint64(at + 8, may, true);
    return errno.success;
  }

  #fileStatus(descriptor: number, address: number): number {
    if (!this.#open.has(descriptor)) return errno.badf;
    this.#clear(address >>> 0, 64);
    return errno.success;
  }

  #clear(address: number, size: number): void {
    new Uint8Array(this.#view().buffer, address, size).fill(0);
  }
}
