import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';

/**
 * Lets the calling thread give way to the others of the machine. Linux only, where every thread has a priority of its own (`setpriority`
 * of a thread's id); elsewhere it would be that of the whole process.
 * @param niceness 0 is usual, 19 is what waits for all others
 */
export function giveWay(niceness: number): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), niceness);
  } catch {
    // A sandbox without /proc, or that forbids it: work is done all the same, with the usual priority.
  }
}
