import { once } from 'node:events';
import { getPriority } from 'node:os';
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
