/**
 * The broker: a small process that owns the data directory's lock and every git process of a server. Starting processes from here
 * stays cheap however large the server grows, and whatever happens to the server, no git process outlives the lock.
 *
 * Started by `startBroker` with a socket on file descriptor 3; its end means that the server is gone.
 */

import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { removeAbandoned } from './abandoned-directories.ts';
import { ChildTable } from './child-table.ts';
import { DirectoryInUseError, type DirectoryLock, lockDirectory } from './directory-lock.ts';
import { fileProblem } from './file-problem.ts';
import { FrameKind, FrameSocket } from './frames.ts';
import { gitEnvironment, inheritedEnvironment, MARKER_VARIABLE } from './git-environment.ts';
import { endMarkedProcesses, markerOf } from './marked-processes.ts';
import type { BrokerArguments, RefusedMessage } from './messages.ts';
import { removeStaleLocks } from './stale-locks.ts';

const options = JSON.parse(process.argv[2] ?? '') as BrokerArguments;
const directory = realpathSync(options.directory);
const marker = markerOf(directory);
const mirrors = join(directory, 'mirrors');
const home = join(directory, 'home');
const inherited = inheritedEnvironment(process.env);

// The server decides when the broker ends; a signal to the whole process group or control group must not come first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const children = new ChildTable((request) =>
  request.program === undefined
    ? gitEnvironment({ inherited, home, marker }, request)
    : { ...request.program.environment, [MARKER_VARIABLE]: marker },
);
const channel = new Socket({ fd: 3, readable: true, writable: true });
let lock: DirectoryLock | undefined;
let stopping = false;

async function cleanUp(): Promise<void> {
  await endMarkedProcesses(marker);
  removeStaleLocks(mirrors);
  // Keys for SSH are there while git uses them; a server that was killed could not remove its own.
  rmSync(join(directory, 'ssh'), { recursive: true, force: true });
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  children.killAll();
  if (lock !== undefined) {
    await cleanUp();
    if (options.temporary !== undefined) rmSync(directory, { recursive: true, force: true });
    lock.release();
  }
  leave(0);
}

function leave(code: number): void {
  if (channel.destroyed) process.exit(code);
  channel.once('close', () => process.exit(code));
  channel.end(() => process.exit(code));
}

function refuse(error: unknown): void {
  const refused: RefusedMessage = {
    reason: error instanceof DirectoryInUseError ? 'in-use' : 'failed',
    message: fileProblem(error, directory) ?? (error instanceof Error ? error.message : String(error)),
  };
  socket.sendJson(FrameKind.refused, 0, refused);
  leave(1);
}

const socket = new FrameSocket(channel, (frame) => {
  if (frame.channel !== 0) children.receive(frame);
  else if (frame.kind === FrameKind.shutdown) void stop();
  else if (frame.kind === FrameKind.endAll) children.killAll();
  else if (frame.kind === FrameKind.allowPushes) children.allowPushes(frame.payload.readUInt32BE(0));
});
children.attach(socket);
channel.on('end', () => void stop());
channel.on('error', () => void stop());

try {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  lock = await lockDirectory(directory, options.serverPid, options.lockWaitMs);
  await cleanUp();
  socket.send(FrameKind.ready, 0);
  if (options.temporary !== undefined) {
    await removeAbandoned(dirname(directory), options.temporary, Date.now(), (path, error) =>
      process.stderr.write(`porch: ${path}, which nobody uses, cannot be removed: ${String(error)}\n`),
    );
  }
} catch (error) {
  refuse(error);
}
