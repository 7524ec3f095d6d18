/**
 * Runs one process of the broker to its end.
 */

import { constants } from 'node:os';
import {
  type GitProcess,
  type OpenRequest,
  OutputTooLargeError,
  ProcessLostError,
  ProcessTimeoutError,
  type RunRequest,
  type RunResult,
} from './git-processes.ts';

const MAX_OUTPUT_BYTES = 256 << 20;

/** Starts the process with `open`, feeds it, collects its output. See `GitProcesses.run`. */
export async function runProcess(open: (request: OpenRequest) => GitProcess, request: RunRequest): Promise<RunResult> {
  request.signal?.throwIfAborted();
  const { input, signal, timeoutMs, maxOutputBytes = MAX_OUTPUT_BYTES, onOutput, ...started } = request;
  const chunks: Buffer[] = [];
  const program = request.program?.file;
  let size = 0;
  let failure: { readonly error: unknown } | undefined;

  const process = open({
    ...started,
    onOutput: (chunk) => {
      if (onOutput !== undefined) return hand(onOutput, chunk);
      size += chunk.length;
      if (size > maxOutputBytes) fail(new OutputTooLargeError(maxOutputBytes, program));
      else chunks.push(Buffer.from(chunk));
    },
  });
  function fail(error: unknown): void {
    failure ??= { error };
    process.kill();
  }

  function hand(take: (chunk: Buffer) => void, chunk: Buffer): void {
    if (failure !== undefined) return;
    try {
      take(chunk);
    } catch (error) {
      fail(error);
    }
  }

  const onAbort = () => fail(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => fail(new ProcessTimeoutError(timeoutMs, program)), timeoutMs);
  const fed = input === undefined ? undefined : feed(process, input).catch(fail);
  try {
    const exit = await process.exited;
    await fed;
    if (failure !== undefined) throw failure.error;
    if (exit.type === 'lost') throw new ProcessLostError(exit.reason);
    return { exitCode: exit.code ?? codeOfSignal(exit.signal), stdout: Buffer.concat(chunks), stderr: exit.stderr };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

async function feed(process: GitProcess, input: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  if (input instanceof Uint8Array) await process.write(input);
  else for await (const chunk of input) await process.write(chunk);
  process.end();
}

function codeOfSignal(signal: string | null): number {
  const number = Object.entries(constants.signals).find(([name]) => name === signal)?.[1];
  return number === undefined ? 255 : 128 + number;
}
