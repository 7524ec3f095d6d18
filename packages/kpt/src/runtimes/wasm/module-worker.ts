/**
 * Runs one WASI module as a function, on a thread of its own: the ResourceList on standard input, the answer on standard output. It sees
 * no file, no variable and no network; clocks and random numbers are as they are.
 */
import { closeSync, openSync } from 'node:fs';
import { WASI } from 'node:wasi';
import { parentPort, workerData } from 'node:worker_threads';
import type { ModuleAnswer, ModuleTask } from './module-messages.ts';
import { SystemInterface, TooMuchOutput } from './system-interface.ts';

const { module, image, input, outputBytes } = workerData as ModuleTask;

function answer(message: ModuleAnswer): void {
  parentPort?.postMessage(message);
}

function run(): void {
  const system = new SystemInterface(input, outputBytes);
  // Node.js wants descriptors, though nothing of it that is used here takes one.
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
    const instance = new WebAssembly.Instance(module, {
      wasi_snapshot_preview1: system.imports(imports.wasi_snapshot_preview1),
    });
    const { memory, _start: start } = instance.exports;
    if (!(memory instanceof WebAssembly.Memory)) throw new Error('it exports no memory');
    if (typeof start !== 'function') throw new Error('it exports no function _start, as programs do');
    system.memory = memory;
    const exitCode = wasi.start(instance);
    answer({ type: 'ran', exitCode, stdout: system.stdout, stderr: system.stderr.toString() });
  } catch (error) {
    if (error instanceof TooMuchOutput) answer({ type: 'flooded' });
    else answer({ type: 'crashed', reason: String(error), stderr: system.stderr.toString() });
  } finally {
    closeSync(nothing);
  }
}

run();
