/** The store's thread: owns the database, serves requests in the order they come, many commits to one sync of the disk. */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { describeOpenError, openDatabase } from './database.ts';
import { sqliteCode } from './disk-error.ts';
import type { WorkerMessage, WorkerSettings } from './protocol.ts';
import { toErrorMessage } from './protocol.ts';
import { StoreThread } from './store-thread.ts';

function run(port: MessagePort, settings: WorkerSettings): void {
  const say = (message: WorkerMessage, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  let thread: StoreThread;
  try {
    thread = new StoreThread(openDatabase(settings.file), settings, say);
  } catch (error) {
    const reason = sqliteCode(error) === undefined ? error : describeOpenError(settings.file, error);
    say({ type: 'refused', error: toErrorMessage(reason) });
    port.close();
    return;
  }
  say({ type: 'ready' });
  port.on('message', (first) => {
    const requests = [...first];
    for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port)) {
      requests.push(...more.message);
    }
    if (thread.handle(requests) === 'closed') port.close();
  });
}

if (parentPort === null) throw new Error('this module is the entry of a worker thread');
run(parentPort, workerData as WorkerSettings);
