import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../packages/porch/bin/porch.js', import.meta.url));

/** How a measured server is started. */
export interface PorchServerOptions {
  readonly dataDirectory: string;
  /** Folder for CPU profiles, which are written when it stops. */
  readonly profile: string | undefined;
  /** Further flags of `porch serve`. */
  readonly flags?: readonly string[];
}

/** Memory of a process in MB, as the kernel counts it. */
export interface Memory {
  readonly now: number;
  readonly peak: number;
}

/** A running `porch serve`. */
export interface PorchServer {
  /** Milliseconds from the start of the process until it said that it is ready. */
  readonly startMs: number;
  /** Resident memory of the process that serves; undefined where the kernel does not tell. */
  memory(): Memory | undefined;
  /** Asks it to stop, and waits. */
  stop(): Promise<void>;
}

/** Starts a server and waits until it is ready. @throws Error with what it logged, when it ends instead */
export async function startPorchServer(options: PorchServerOptions): Promise<PorchServer> {
  const { dataDirectory, profile, flags = [] } = options;
  const node = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const own = ['--data-dir', dataDirectory, '--listen', '127.0.0.1:0', '--log-level', 'warn'];
  const start = performance.now();
  const child = spawn(process.execPath, [...node, program, 'serve', ...own, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'], // the channel ends it with the benchmark, however that ends
  });
  await ready(child);
  const startMs = performance.now() - start;
  return {
    startMs,
    memory: () => memoryOf(child.pid ?? 0),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function ready(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(
      `porch serve ended before it was ready (${signal ?? `exit code ${code}`}); see what it logged above`,
    );
  });
  const said = new Promise<void>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('Porch is ready')) resolve();
    });
  });
  await Promise.race([said, ended]);
  ended.catch(() => undefined); // it may end whenever it likes from here on
}

function memoryOf(pid: number): Memory | undefined {
  if (process.platform !== 'linux') return undefined;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}
