/**
 * Finds and ends processes by the marker in their environment, which they inherit from git: their own helpers included, wherever
 * they were reparented to and whatever process group they moved to.
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { MARKER_VARIABLE } from './git-environment.ts';
import { isForbidden, isMissingProcess } from './system-errors.ts';

const POLL_MS = 10;

/** What marks the processes of a directory. */
export function markerOf(directory: string): string {
  return createHash('sha256').update(realpathSync(directory)).digest('hex').slice(0, 32);
}

function environmentHas(pid: string, setting: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(setting);
  } catch (error) {
    if (isMissingProcess(error) || isForbidden(error)) return false;
    throw error;
  }
}

/** Process ids whose environment carries the marker. Processes that ended and wait for their parent do not count. */
function markedProcesses(marker: string): number[] {
  const setting = `${MARKER_VARIABLE}=${marker}`;
  if (existsSync('/proc/self/environ')) {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && environmentHas(name, setting))
      .map(Number);
  }
  const listing = execFileSync('ps', ['-axEww', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return listing
    .split('\n')
    .filter((line) => line.includes(setting))
    .map((line) => Number.parseInt(line, 10));
}

/** Ends a process, or a process group when the id is negative; one that is gone already is fine. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!isMissingProcess(error)) throw error;
  }
}

/** Ends all processes with the marker and returns when none is left. */
export async function endMarkedProcesses(marker: string): Promise<void> {
  let found = markedProcesses(marker);
  if (found.length === 0) return;
  // Two empty looks: a process is without an environment for the moment in which it becomes another program.
  for (let empty = 0; empty < 2; found = markedProcesses(marker)) {
    empty = found.length === 0 ? empty + 1 : 0;
    for (const pid of found) {
      kill(-pid);
      kill(pid);
    }
    await delay(POLL_MS);
  }
}
