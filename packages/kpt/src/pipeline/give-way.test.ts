import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { getPriority } from 'node:os';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

const program = `
  const { readlinkSync } = require('node:fs');
  const { getPriority } = require('node:os');
  const { parentPort, workerData } = require('node:worker_threads');
  import(workerData).then(({ giveWay }) => {
    giveWay(7);
    parentPort.postMessage(getPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1))));
  });
`;

test.skipIf(process.platform !== 'linux')('a thread gives way, and no other thread of the process does', async () => {
  const before = getPriority();
  const worker = new Worker(program, { eval: true, workerData: new URL('give-way.ts', import.meta.url).href });
  const [priority] = await once(worker, 'message');
  expect(priority).toBe(7);
  expect(getPriority()).toBe(before);
  await worker.terminate();
});

const collecting = `
  const { readdirSync, readFileSync } = require('node:fs');
  const { getPriority } = require('node:os');
  import(process.argv[1]).then(({ collectorsGiveWay }) => {
    collectorsGiveWay(7);
    const threads = readdirSync('/proc/self/task').map((id) => ({
      priority: getPriority(Number(id)),
      collects: readFileSync('/proc/self/task/' + id + '/comm', 'utf8').includes('V8Worker'),
    }));
    console.log(JSON.stringify(threads));
  });
`;

test.skipIf(process.platform !== 'linux')('threads that collect garbage give way, and no others', async () => {
  const before = getPriority();
  const module = new URL('give-way.ts', import.meta.url).href;
  const { stdout } = await promisify(execFile)(process.execPath, ['--eval', collecting, module]);
  const threads = JSON.parse(stdout) as { readonly priority: number; readonly collects: boolean }[];
  const priorities = (collect: boolean) => [
    ...new Set(threads.filter(({ collects }) => collects === collect).map(({ priority }) => priority)),
  ];
  expect(priorities(true)).toEqual([7]);
  expect(priorities(false)).toEqual([before]);
});
