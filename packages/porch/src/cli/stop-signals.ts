/** Both Ctrl-C and npm, which passes it on, send a signal; so much later it is somebody's second thought. */
const echoMs = 1000;

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** What a process exits with that was ended by a signal, or by something else that `StopSignals` names. */
export function exitCodeOf(cause: string): number {
  return new Map<string, number>(Object.entries(exitCodes)).get(cause) ?? 1;
}

/** The wish of whoever runs the process that it end. */
export interface StopSignals {
  /** Resolves when the process is asked to stop, with what asked. */
  readonly stopped: Promise<string>;
  /** Lets go of the signals, unless there was one: the process is about to end then, and an echo must not end it in another way. */
  release(): void;
}

/**
 * Listens for SIGINT, SIGTERM and SIGHUP, and for the end of a parent process that holds a channel to this one. The first asks
 * for a clean stop; a second one ends the process at once.
 */
export function listenForStop(target: NodeJS.Process, now: () => number): StopSignals {
  const { promise, resolve } = Promise.withResolvers<string>();
  let first: number | undefined;
  const stop = (cause: string, exitCode: number) => {
    if (first === undefined) {
      first = now();
      resolve(cause);
    } else if (now() - first > echoMs) target.exit(exitCode);
  };
  const listeners = (Object.keys(exitCodes) as (keyof typeof exitCodes)[]).map((signal) => {
    const listener = () => stop(signal, exitCodes[signal]);
    target.on(signal, listener);
    return () => target.off(signal, listener);
  });
  const orphaned = () => stop('the end of the parent process', 1);
  target.on('disconnect', orphaned);
  return {
    stopped: promise,
    release() {
      if (first !== undefined) return;
      for (const off of listeners) off();
      target.off('disconnect', orphaned);
    },
  };
}
