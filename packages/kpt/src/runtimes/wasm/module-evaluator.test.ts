import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { defaultRunLimits, type RunLimits } from '../evaluator.ts';
import { assemble, code, copyInput, copyInputTo, sleep, write } from './assemble.test-support.ts';
import { limitMemory } from './limit-memory.ts';
import { ModuleEvaluator } from './module-evaluator.ts';

const input = Buffer.from(`kind: ResourceList\nitems: []\n# ${'x'.repeat(5000)}\n`);
let directory: string;
let table: string;
let evaluator: ModuleEvaluator;

const threads = new Set<Worker>();
const addThread = (thread: Worker): void => void threads.add(thread);
process.on('worker', addThread);
afterAll(() => process.off('worker', addThread));
// Whatever has become of a module: one that goes on computes for nobody.
afterEach(() => {
  expect([...threads].filter(({ threadId }) => threadId !== -1)).toEqual([]);
});

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'modules-'));
  table = join(directory, 'table');
  evaluator = new ModuleEvaluator({ table });
});

afterAll(async () => {
  await evaluator.close();
  rmSync(directory, { recursive: true });
});

/** Runs a module as the function `r.io/fn:v1`. */
async function run(
  module: Uint8Array,
  limits: Partial<RunLimits> = {},
  signal = new AbortController().signal,
  resourceList: Uint8Array = input,
) {
  const file = join(directory, 'fn.wasm');
  writeFileSync(file, module);
  writeFileSync(table, `# modules\nr.io/fn:v1 ${file} # it\n`);
  return evaluator.evaluate({
    image: 'r.io/fn:v1',
    resourceList,
    limits: { ...defaultRunLimits, ...limits },
    signal,
  });
}

describe('a WASI module', () => {
  it('reads its input and prints its answer', async () => {
    const outcome = await run(assemble([...copyInput, ...write(2, 0, code.constant(4))], 'done'));
    expect(outcome).toMatchObject({ exitCode: 0, stderr: 'done' });
    expect(Buffer.from(outcome?.resourceList ?? []).toString()).toBe(input.toString());
  });

  it('fails with its exit code and what it printed', async () => {
    const failing = assemble(
      [...write(2, 0, code.constant(4)), ...code.constant(3), ...code.call('proc_exit')],
      'oops',
    );
    expect(await run(failing)).toMatchObject({ exitCode: 3, stderr: 'oops' });
  });

  it('that says a lot fails with the beginning and the end of it', async () => {
    const verbose = assemble(
      [
        ...[...write(2, 0, code.constant(60_000)), ...write(2, 0, code.constant(60_000))],
        ...[...write(2, 0, code.constant(4)), ...code.constant(3), ...code.call('proc_exit')],
      ],
      'oops',
    );
    expect((await run(verbose))?.stderr).toMatch(/^oops\0+\n\[\d+ bytes left out\]\n\0+oops$/);
  });

  it('that crashes fails with the reason', async () => {
    await expect(run(assemble([...write(2, 0, code.constant(4)), ...code.unreachable], 'oops'))).rejects.toThrow(
      /^it crashed: RuntimeError: unreachable; it printed: oops$/,
    );
  });

  it('that never ends is ended', async () => {
    await expect(run(assemble(code.loop([])), { timeoutMs: 200 })).rejects.toThrow(
      'it was ended: it took more than 0.2 s',
    );
  });

  it('that sleeps is ended while it sleeps', async () => {
    await expect(run(assemble(sleep(36_000)), { timeoutMs: 200 })).rejects.toThrow(
      'it was ended: it took more than 0.2 s',
    );
  });

  it('that sleeps goes on afterwards', async () => {
    const begun = performance.now();
    expect(await run(assemble([...sleep(1), ...write(2, 0, code.constant(4))], 'woke'))).toMatchObject({
      stderr: 'woke',
    });
    expect(performance.now() - begun).toBeGreaterThan(1000);
  });

  it('sends no signal to the process', async () => {
    const raising = assemble([...code.constant(9), ...code.call('proc_raise'), ...code.call('proc_exit')]);
    expect(await run(raising)).toMatchObject({ exitCode: 52 });
  });

  it('closes no descriptor of the process', async () => {
    // Were the second the same as the first, it would have been closed already.
    const closing = assemble([
      ...[...code.constant(1), ...code.call('fd_close'), ...code.drop],
      ...[...code.constant(2), ...code.call('fd_close'), ...code.call('proc_exit')],
    ]);
    expect(await run(closing)).toMatchObject({ exitCode: 0 });
    const again = assemble([
      ...[...code.constant(1), ...code.call('fd_close'), ...code.drop],
      ...[...write(1, 0, code.constant(4)), ...code.constant(1), ...code.call('fd_close'), ...code.call('proc_exit')],
    ]);
    expect(await run(again)).toMatchObject({ exitCode: 8, resourceList: new Uint8Array() });
  });

  it('may print what it has to say byte by byte', async () => {
    const long = Buffer.from('0123456789abcdef'.repeat(65536));
    const outcome = await run(assemble(copyInputTo(1, 1)), {}, undefined, long);
    expect(Buffer.from(outcome?.resourceList ?? []).equals(long)).toBe(true);
    expect((await run(assemble(copyInputTo(2, 1)), {}, undefined, long))?.stderr).toMatch(/^0123.*cdef$/s);
  });

  it('that is no program fails with what it lacks', async () => {
    await expect(run(assemble([], '', { start: 'main' }))).rejects.toThrow('it exports no function _start');
  });

  it('has one memory, for each would have the limit for itself', async () => {
    await expect(run(assemble([], '', { memories: 2 }))).rejects.toThrow('it has 2 memories');
  });

  it('is given up when nobody waits for it', async () => {
    await expect(run(assemble(code.loop([])), {}, AbortSignal.timeout(200))).rejects.toThrow(/timeout|aborted/);
  });

  it('that prints without end is ended', async () => {
    await expect(run(assemble(code.loop(write(1, 0, code.constant(60_000)))), { outputBytes: 1e6 })).rejects.toThrow(
      'it was ended: it printed more than 1000000 bytes',
    );
  });

  it('gets no more memory than it may have', async () => {
    // Exits with 1 where growing by 100 pages fails.
    const growing = assemble([
      ...[...code.constant(100), ...code.grow, ...code.constant(-1), 0x46],
      ...code.call('proc_exit'),
    ]);
    expect(await run(growing, { memoryBytes: 50 * 65536 })).toMatchObject({ exitCode: 1 });
    expect(await run(growing, { memoryBytes: 101 * 65536 })).toMatchObject({ exitCode: 0 });
    expect(await run(growing, { memoryBytes: 2 ** 34 })).toMatchObject({ exitCode: 0 });
    await expect(run(growing, { memoryBytes: 1000 })).rejects.toThrow('it needs 65536 bytes of memory from the start');
  });

  it('gets no tables that the process would end of', async () => {
    const growing = assemble([...code.growTable(4e6), ...code.constant(-1), 0x46, ...code.call('proc_exit')], '', {
      tables: [1000],
    });
    expect(await run(growing)).toMatchObject({ exitCode: 1 });
    await expect(run(assemble([], '', { tables: [200_000, 100_000] }))).rejects.toThrow(
      'its tables have more than 262144 entries from the start',
    );
    expect(await run(assemble([], '', { tables: [200_000, 50_000] }))).toMatchObject({ exitCode: 0 });
  });

  it('waits for no more than there can be', async () => {
    const waiting = assemble([
      ...[...code.constant(0), ...code.constant(0), ...code.constant(30_000_000), ...code.constant(0)],
      ...[...code.call('poll_oneoff'), ...code.call('proc_exit')],
    ]);
    expect(await run(waiting)).toMatchObject({ exitCode: 28 });
  });

  it('cannot read or write other descriptors', async () => {
    // The error of fd_write becomes the exit code.
    const other = assemble([
      ...[...code.constant(7), ...code.constant(0), ...code.constant(0), ...code.constant(0)],
      ...[...code.call('fd_write'), ...code.call('proc_exit')],
    ]);
    expect(await run(other)).toMatchObject({ exitCode: 8 });
  });
});

it('a module is held to the limit of each run', async () => {
  const file = join(directory, 'limited.wasm');
  writeFileSync(
    file,
    assemble([...code.constant(100), ...code.grow, ...code.constant(-1), 0x46, ...code.call('proc_exit')]),
  );
  writeFileSync(table, `limited ${file}\n`);
  const run = (pages: number) =>
    evaluator.evaluate({
      image: 'limited',
      resourceList: input,
      limits: { ...defaultRunLimits, memoryBytes: pages * 65536 },
      signal: new AbortController().signal,
    });
  for (const [pages, exitCode] of [
    [101, 0],
    [50, 1],
    [101, 0],
  ] as const) {
    expect(await run(pages)).toMatchObject({ exitCode });
  }
  expect(threads.size).toBeGreaterThanOrEqual(3);
});

it('a module that is replaced is run, whatever its size and time are', async () => {
  const [file, other] = [join(directory, 'same.wasm'), join(directory, 'new.wasm')];
  const time = new Date(1e12);
  const request = {
    image: 'same',
    resourceList: input,
    limits: defaultRunLimits,
    signal: new AbortController().signal,
  };
  writeFileSync(table, `same ${file}\n`);
  for (const exitCode of [3, 4]) {
    writeFileSync(other, assemble([...code.constant(exitCode), ...code.call('proc_exit')]));
    utimesSync(other, time, time);
    renameSync(other, file);
    expect(await evaluator.evaluate(request)).toMatchObject({ exitCode });
  }
});

describe('the table of modules', () => {
  const request = { resourceList: input, limits: defaultRunLimits, signal: new AbortController().signal };

  it('decides which images there are', async () => {
    await run(assemble([]));
    expect(await evaluator.evaluate({ ...request, image: 'r.io/fn:v2' })).toBeUndefined();
    expect(await evaluator.evaluate({ ...request, image: 'other/fn:v1' })).toBeUndefined();
  });

  it.each([
    ['no file', 'r.io/fn:v1 /nowhere/fn.wasm', 'module /nowhere/fn.wasm cannot be used: ENOENT'],
    ['no path', 'r.io/fn:v1', 'line 1: give an image and an absolute path'],
    ['no name', 'r.io/:v1 /nowhere/fn.wasm', 'line 1: r.io/:v1 is no image'],
    ['no tag', 'r.io/fn: /nowhere/fn.wasm', 'line 1: r.io/fn: is no image'],
    ['arguments', 'r.io/fn:v1 /nowhere/fn.wasm -x', 'line 1: a module takes no arguments'],
    ['no module', 'r.io/fn:v1 /etc/hostname', 'module /etc/hostname cannot be used: it is no WebAssembly module'],
  ])('that names %s fails the function', async (_, line, message) => {
    writeFileSync(table, line);
    await expect(evaluator.evaluate({ ...request, image: 'r.io/fn:v1' })).rejects.toThrow(message);
  });
});

/** A module that has one section only, with these bytes and a few more. */
function withSection(id: number, content: readonly number[]): Uint8Array {
  const size = content.length + 4;
  const encoded = [0, 7, 14, 21, 28].map((shift, index) => ((size >>> shift) & 0x7f) + (index < 4 ? 0x80 : 0));
  return Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, id, ...encoded, ...content, 0, 0, 0, 0]);
}

it.each([
  ['cut off', (module: Uint8Array) => module.subarray(0, module.length - 3), 'it is cut off'],
  [
    'with an imported memory',
    () => Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 2, 8, 1, 1, 97, 1, 98, 2, 0, 1]),
    'it imports its memory',
  ],
  ['with types of objects', () => withSection(1, [1, 0x5e, 0x7f, 1]), 'it has types of objects'],
  ['with many exports', () => withSection(7, new Array(1 << 20).fill(0)), 'its exports take more'],
  ['with many elements', () => withSection(9, new Array(1 << 20).fill(0)), 'its elements of tables take more'],
  ['with a table that begins with a value', () => withSection(4, [1, 0x40, 0]), 'its table begins with a value'],
])('a module %s is refused', (_, change, message) => {
  expect(() => limitMemory(change(assemble(copyInput)), 1e9)).toThrow(message);
});

it('a memory may grow as far as the limit, also where the module says more', () => {
  // One memory of 3 pages that may have 1000.
  const memory = withSection(5, [1, 1, 3, 0xe8, 0x07]);
  const limited = (pages: number) => [...limitMemory(memory, pages * 65536)].slice(8);
  expect(limited(16)).toEqual([5, 4, 1, 1, 3, 16]);
  expect(limited(3)).toEqual([5, 4, 1, 1, 3, 3]);
  expect(limited(2000)).toEqual([5, 5, 1, 1, 3, 0xe8, 0x07]);
  expect(() => limited(2)).toThrow('it needs 196608 bytes of memory from the start');
});
