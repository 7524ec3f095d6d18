import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Thrown out of whatever was being waited for when the user wants to stop. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(cause: string, exitCode: number) {
    super(`stopped by ${cause}`);
    this.name = 'Interrupted';
    this.exitCode = exitCode;
  }
}

/** A signal that aborts, with an `Interrupted`, when the process is asked to stop or nobody reads its output any more. */
export function listenForInterruption(target: NodeJS.Process): AbortSignal {
  const controller = new AbortController();
  for (const signal of signals) {
    target.on(signal, () => controller.abort(new Interrupted(signal, 128 + constants.signals[signal])));
  }
  target.stdout.on('error', () => controller.abort(new Interrupted('the end of its reader', 1)));
  return controller.signal;
}
