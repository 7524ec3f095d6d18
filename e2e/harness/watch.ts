import type { Json, Stream } from './api-client.ts';

/** One event of a watch. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Json;
}

/** How a watch came to its end. */
export type WatchEnd = { readonly clean: true } | { readonly clean: false; readonly error: Error };

/** A watch that collects its events in the background. */
export interface Watch {
  /** All that has come so far. */
  readonly events: readonly WatchEvent[];
  /** Waits for the first event, of all that came and will come, that fits. @throws Error when the watch ends without it */
  find(what: string, fits: (event: WatchEvent) => boolean): Promise<WatchEvent>;
  /** Resolves when the stream is over. */
  readonly ended: Promise<WatchEnd>;
  leave(): void;
}

/** Reads a watch's stream, one JSON event a line. */
export function readWatch(stream: Stream): Watch {
  const events: WatchEvent[] = [];
  let changed = Promise.withResolvers<void>();
  let over = false;
  const read = async (): Promise<WatchEnd> => {
    let rest = '';
    try {
      for await (const chunk of stream.body) {
        const lines = (rest + (chunk as Buffer).toString('utf8')).split('\n');
        rest = lines.pop() ?? '';
        events.push(...lines.filter((line) => line !== '').map((line) => JSON.parse(line) as WatchEvent));
        changed.resolve();
        changed = Promise.withResolvers<void>();
      }
      return rest === '' ? { clean: true } : { clean: false, error: new Error(`cut in the middle of a line: ${rest}`) };
    } catch (error) {
      return { clean: false, error: error instanceof Error ? error : new Error(String(error)) };
    } finally {
      over = true;
      changed.resolve();
    }
  };
  const ended = read();
  return {
    events,
    ended,
    leave: () => stream.leave(),
    async find(what, fits) {
      for (let seen = 0; ; ) {
        for (; seen < events.length; seen++) {
          const event = events[seen];
          if (event !== undefined && fits(event)) return event;
        }
        if (over)
          throw new Error(`the watch ended without ${what}; it had ${events.map(brief).join(', ') || 'nothing'}`);
        await changed.promise;
      }
    },
  };
}

/** `ADDED name Draft`: an event in a few words. */
export function brief({ type, object }: WatchEvent): string {
  if (type === 'BOOKMARK') return type;
  if (type === 'ERROR') return `ERROR ${object.code} ${object.reason}`;
  return [type, object.metadata?.name, object.spec?.lifecycle].filter(Boolean).join(' ');
}
