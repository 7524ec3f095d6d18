/** Another process on the same store, as the tests see it. */
import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import type { ReplicaNews, ReplicaOrder } from './replica.test-support.ts';

export class ReplicaProcess {
  /** Revisions in the order in which its listeners heard of them. */
  readonly heard: number[] = [];
  /** What it was told is written, by name. */
  readonly written = new Map<string, number>();
  readonly #child: ChildProcess;
  readonly #events = new EventEmitter();

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (news: ReplicaNews) => {
      if (news.type === 'heard') this.heard.push(...news.revisions);
      if (news.type === 'written') this.written.set(news.name, news.revision);
      this.#events.emit(news.type);
    });
    child.on('exit', (code) => {
      if (code !== null && code !== 0) this.#events.emit('error', new Error(`the replica ended with code ${code}`));
    });
  }

  static async start(directory: string): Promise<ReplicaProcess> {
    const replica = new ReplicaProcess(fork(new URL('./replica.test-support.ts', import.meta.url), [directory]));
    await once(replica.#events, 'ready');
    return replica;
  }

  /** Resolves when the order is carried out. */
  async order(order: ReplicaOrder): Promise<void> {
    const done = once(this.#events, 'done');
    this.#child.send(order);
    await done;
  }

  /** Resolves when it has been told that so many objects are written. */
  async hasWritten(count: number): Promise<void> {
    while (this.written.size < count) await once(this.#events, 'written');
  }

  async hasHeard(revision: number): Promise<void> {
    while ((this.heard.at(-1) ?? 0) < revision) await once(this.#events, 'heard');
  }

  /** Ends it without any chance to tidy up. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
