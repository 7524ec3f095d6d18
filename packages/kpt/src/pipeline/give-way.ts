import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';

/**
 * That of work on packages: a tenth of the weight of what is usual, so that it goes on, slowly, where others take all they can get.
 */
export const workNiceness = 10;

/**
 * Lets the calling thread give way to the others of the machine. Linux only, where every thread has a priority of its own (`setpriority`
 * of a thread's id); elsewhere it would be that of the whole process.
 * @param niceness 0 is usual, 19 is what waits for all others
 */
export function giveWay(niceness: number): void {
  onLinux(() => setPriority(Number(basename(readlinkSync('/proc/thread-self'))), niceness));
}

/**
 * Lets the threads give way with which V8 collects garbage, in this process for all of its threads: a render makes much, and a quarter of
 * its time would be theirs otherwise. Linux only, with a Node.js that names its threads.
 * @param niceness as in `giveWay`
 */
export function collectorsGiveWay(niceness: number): void {
  onLinux(() => {
    for (const id of readdirSync('/proc/self/task')) {
      if (readFileSync(`/proc/self/task/${id}/comm`, 'utf8').includes('V8Worker')) setPriority(Number(id), niceness);
    }
  });
}

function onLinux(change: () => void): void {
  if (process.platform !== 'linux') return;
  try {
    change();
  } catch {
    // A sandbox without /proc, or that forbids it: work is done all the same, with the usual priority.
  }
}
