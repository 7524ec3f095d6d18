import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A Node process of the benchmark's own that does one thing apart from the load generator. */
export interface BenchChild<Ready> {
  /** What it said when it was ready. */
  readonly ready: Ready;
  /** Sends it a message and waits for the answer; one at a time. @throws Error when it ends instead */
  ask(message: object): Promise<unknown>;
  /** Asks it to end, and waits. @throws Error when it has failed */
  close(): Promise<void>;
}

/** Starts a script, hands it its settings, and waits for the one message that says that it is ready. */
export async function startChild<Ready>(script: URL, settings: unknown): Promise<BenchChild<Ready>> {
  const child = fork(script, [JSON.stringify(settings)], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const failed = failure(child, script);
  failed.catch(() => undefined); // it ends when it is closed
  const answer = (): Promise<unknown> => Promise.race([once(child, 'message').then(([message]) => message), failed]);
  const ready = (await answer()) as Ready;
  return {
    ready,
    async ask(message) {
      if (!child.connected) throw new Error(`${script.pathname} has been asked to end`);
      const answered = answer();
      child.send(message);
      return await answered;
    },
    async close() {
      if (child.connected) child.disconnect();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      if (child.exitCode !== 0) throw new Error(`${script.pathname} has failed; see what it said above`);
    },
  };
}

async function failure(child: ChildProcess, script: URL): Promise<never> {
  const [code, signal] = await once(child, 'exit');
  throw new Error(`${script.pathname} ended too early (${signal ?? `exit code ${code}`}); see what it said above`);
}

/** In the child: the settings it was started with. */
export function childSettings<Settings>(): Settings {
  return JSON.parse(process.argv[2] ?? 'null') as Settings;
}

/** In the child: says that it is ready, and ends when the benchmark does. */
export function childReady(ready: unknown, close: () => Promise<unknown>): void {
  process.once('disconnect', () => void close().then(() => process.exit(0)));
  process.send?.(ready);
}
