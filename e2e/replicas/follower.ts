import { setTimeout as pause } from 'node:timers/promises';
import { revisionsPath } from '../harness/packages.ts';
import type { Porch } from '../harness/porch.ts';
import type { Watch, WatchEvent } from '../harness/watch.ts';

/** Watches all package revisions through whichever server answers, and resumes at another one when that is gone. */
export class Follower {
  /** Changes of each object in the order in which they came: `MODIFIED 1234`. */
  readonly changes = new Map<string, string[]>();
  /** What must not happen: errors as events, and revisions that do not rise. */
  readonly errors: string[] = [];
  /** How often the watch was begun. */
  begun = 0;
  readonly #servers: readonly Porch[];
  readonly #following: Promise<void>;
  #position: number;
  #stopped = false;
  #watch: Watch | undefined;

  /** Follows from a revision on. */
  constructor(servers: readonly Porch[], position: number) {
    this.#servers = servers;
    this.#position = position;
    this.#following = this.#follow();
  }

  /** The revision up to which everything has been seen. */
  get position(): number {
    return this.#position;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#watch?.leave();
    await this.#following;
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) {
      const server = this.#servers[this.begun++ % this.#servers.length];
      try {
        const query = `?allowWatchBookmarks=true&resourceVersion=${this.#position}`;
        this.#watch = await server?.watch(`${revisionsPath}${query}`);
      } catch {
        await pause(50); // the next one may be there
        continue;
      }
      await this.#read(this.#watch);
    }
  }

  async #read(watch: Watch | undefined): Promise<void> {
    if (watch === undefined) return;
    let over = false;
    void watch.ended.then(() => {
      over = true;
    });
    for (let seen = 0; ; ) {
      const last = over || this.#stopped;
      for (; seen < watch.events.length; seen++) this.#take(watch.events[seen]);
      if (last) return;
      await Promise.race([watch.ended, pause(20)]);
    }
  }

  #take(event: WatchEvent | undefined): void {
    if (event === undefined) return;
    if (event.type === 'ERROR') {
      this.errors.push(`ERROR ${event.object.code} ${event.object.message}`);
      return;
    }
    const revision = Number(event.object.metadata.resourceVersion);
    if (event.type !== 'BOOKMARK') {
      if (revision <= this.#position) this.errors.push(`${event.type} ${revision} came after ${this.#position}`);
      const { name } = event.object.metadata;
      const changes = this.changes.get(name) ?? [];
      this.changes.set(name, changes);
      changes.push(`${event.type} ${revision}`);
    }
    this.#position = Math.max(this.#position, revision);
  }
}
