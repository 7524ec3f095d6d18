import { Session } from 'node:inspector/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { StatusError, statusErrors } from '../meta/status.ts';
import type { Exchange } from './exchange.ts';
import { sendBytes, sendText } from './respond.ts';

/** How long the process is looked at unless the request says, and at most. */
const defaultSeconds = 10;
const mostSeconds = 120;

const kinds = {
  '/debug/pprof/profile': {
    file: 'porch.cpuprofile',
    async take(session: Session, wait: () => Promise<void>): Promise<object> {
      await session.post('Profiler.enable');
      await session.post('Profiler.start');
      await wait();
      return (await session.post('Profiler.stop')).profile;
    },
  },
  '/debug/pprof/heap': {
    file: 'porch.heapprofile',
    async take(session: Session, wait: () => Promise<void>): Promise<object> {
      await session.post('HeapProfiler.startSampling', { samplingInterval: 32 * 1024 });
      await wait();
      return (await session.post('HeapProfiler.stopSampling')).profile;
    },
  },
} as const;

const index = `Profiles of the thread that answers requests, for Chrome's developer tools or speedscope; ?seconds=N, ${defaultSeconds} unless given.

/debug/pprof/profile  where it spends its time
/debug/pprof/heap     where it allocates memory
`;

function secondsOf(query: URLSearchParams): number {
  const text = query.get('seconds') ?? String(defaultSeconds);
  const seconds = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > mostSeconds) {
    throw statusErrors.badRequest(
      `seconds must be a whole number from 1 to ${mostSeconds}, not ${JSON.stringify(text)}`,
    );
  }
  return seconds;
}

function isKind(path: string): path is keyof typeof kinds {
  return Object.hasOwn(kinds, path);
}

/**
 * Answers below `/debug/pprof`. A heap profile says which functions allocate how much; unlike a snapshot of the heap, neither
 * profile has any of the server's data in it. One at a time.
 */
export function createProfileEndpoint(): (exchange: Exchange) => Promise<void> {
  let busy = false;
  return async (exchange) => {
    const { path, query, abort } = exchange;
    if (/^\/debug\/pprof\/?$/.test(path)) return await sendText(exchange, 200, index);
    if (!isKind(path)) return await sendText(exchange, 404, '404 page not found\n');
    const seconds = secondsOf(query);
    if (busy) throw new StatusError(409, 'Conflict', 'another profile is being taken; try again when it is done', {});
    busy = true;
    const session = new Session();
    try {
      session.connect();
      const { file, take } = kinds[path];
      const profile = await take(session, () => pause(seconds * 1000, undefined, { signal: abort.signal }));
      await sendBytes(exchange, 200, 'application/json', Buffer.from(JSON.stringify(profile)), {
        'content-disposition': `attachment; filename="${file}"`,
      });
    } finally {
      session.disconnect();
      busy = false;
    }
  };
}
