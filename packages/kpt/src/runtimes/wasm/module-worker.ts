/**
 * Runs one WASI module as a function, on a thread of its own: the ResourceList on standard input, the answer on standard output. It sees
 * no file, no variable and no network; clocks and random numbers are as they are.
 */
import { closeSync, openSync } from 'node:fs';
import { WASI } from 'node:wasi';
import { parentPort, workerData } from 'node:worker_threads';
import { BoundedText, mostStderrBytes } from '../bounded-text.ts';
import type { ModuleAnswer, ModuleTask } from './module-messages.ts';

const { module, image, input, outputBytes } = workerData as ModuleTask;
const success = 0;
const badDescriptor = 8;
const inputOutputError = 29;

/** The module printed more than it may. */
class TooMuchOutput extends Error {}

const stdout: Uint8Array[] = [];
const stderr = new BoundedText(mostStderrBytes);
let printed = 0;
let consumed = 0;
let memory: WebAssembly.Memory | undefined;

function vectors(address: number, count: number): Uint8Array[] {
  const buffer = memory?.buffer ?? new ArrayBuffer(0);
  const view = new DataView(buffer);
  return Array.from({ length: count }, (_, index) => {
    const at = address + index * 8;
    return new Uint8Array(buffer, view.getUint32(at, true), view.getUint32(at + 4, true));
  });
}

function answerSize(address: number, size: number): number {
  new DataView(memory?.buffer ?? new ArrayBuffer(0)).setUint32(address, size, true);
  return success;
}

function read(descriptor: number, address: number, count: number, sizeAddress: number): number {
  if (descriptor !== 0) return badDescriptor;
  const begun = consumed;
  for (const target of vectors(address, count)) {
    const chunk = input.subarray(consumed, consumed + target.length);
    target.set(chunk);
    consumed += chunk.length;
  }
  return answerSize(sizeAddress, consumed - begun);
}

function write(descriptor: number, address: number, count: number, sizeAddress: number): number {
  if (descriptor !== 1 && descriptor !== 2) return badDescriptor;
  let size = 0;
  for (const chunk of vectors(address, count)) {
    size += chunk.length;
    if (descriptor === 2) {
      stderr.append(chunk.slice());
      continue;
    }
    printed += chunk.length;
    if (printed > outputBytes) throw new TooMuchOutput();
    stdout.push(chunk.slice());
  }
  return answerSize(sizeAddress, size);
}

function answer(message: ModuleAnswer): void {
  parentPort?.postMessage(message);
}

function run(): void {
  // Whatever of WASI is not replaced below finds an empty device where the server's own streams would be.
  const nothing = openSync('/dev/null', 'r+');
  try {
    const wasi = new WASI({
      version: 'preview1',
      args: [image],
      env: {},
      preopens: {},
      stdin: nothing,
      stdout: nothing,
      stderr: nothing,
      returnOnExit: true,
    });
    const imports = wasi.getImportObject() as { wasi_snapshot_preview1: WebAssembly.ModuleImports };
    const guarded = { fd_read: read, fd_write: write, fd_pread: () => inputOutputError };
    const instance = new WebAssembly.Instance(module, {
      wasi_snapshot_preview1: { ...imports.wasi_snapshot_preview1, ...guarded },
    });
    const exported = instance.exports.memory;
    if (!(exported instanceof WebAssembly.Memory)) throw new Error('it exports no memory');
    memory = exported;
    const exitCode = wasi.start(instance);
    answer({ type: 'ran', exitCode, stdout: Buffer.concat(stdout), stderr: stderr.toString() });
  } catch (error) {
    if (error instanceof TooMuchOutput) answer({ type: 'flooded' });
    else answer({ type: 'crashed', reason: String(error), stderr: stderr.toString() });
  } finally {
    closeSync(nothing);
  }
}

run();
