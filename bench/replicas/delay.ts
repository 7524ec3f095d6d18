import { newDraft, paths, revisionName } from '../api/objects.ts';
import { type Rounds, summarize } from '../measure.ts';
import type { Measurement } from '../results.ts';
import { withCluster } from './cluster.ts';
import { openEventStream } from './event-stream.ts';
import { createWriters } from './writers.ts';

/** What the delay between servers is called, when nothing else and when something else is going on. */
export const delayNames = {
  quiet: 'change through one server, seen at another',
  busy: 'change through one server, seen at another while 4 clients write',
} as const;

const packageName = 'bench-replicas/watched';
/** Clients that write meanwhile. */
const others = 4;

/**
 * How long it takes from sending a change to one of two servers until a watch of the other one shows it, next to a watch of the same
 * server: the same write is seen by both.
 */
export function measureDelay(options: {
  readonly quick: boolean;
  readonly profile: string | undefined;
}): Promise<readonly Measurement[]> {
  return withCluster(2, options.profile, async (clients) => {
    const [here, there] = clients;
    if (here === undefined || there === undefined) throw new Error('two servers were asked for');
    const name = revisionName(packageName, 'v1');
    const path = paths.revision(name);
    let current = await here.post(paths.revisions, newDraft(packageName, 'v1'));
    const streams = [await openEventStream(here, name), await openEventStream(there, name)] as const;
    let version = 0;
    const change = async (): Promise<readonly [number, number]> => {
      const label = `change-${version++}`;
      const metadata = { ...current.metadata, labels: { ...current.metadata.labels, 'bench/change': label } };
      const arrivals = Promise.all(streams.map((stream) => stream.arrival(`"${label}"`)));
      const sent = performance.now();
      const [answer, [same = Number.NaN, other = Number.NaN]] = await Promise.all([
        here.put(path, { ...current, metadata }),
        arrivals,
      ]);
      current = answer;
      return [same - sent, other - sent];
    };
    const measure = async (measurement: string, { warmUp, measured }: Rounds): Promise<Measurement> => {
      for (let round = 0; round < warmUp; round++) await change();
      const delays: (readonly [number, number])[] = [];
      for (let round = 0; round < measured; round++) delays.push(await change());
      return {
        name: measurement,
        size: undefined,
        unit: 'ms',
        summary: summarize(delays.map(([, other]) => other)),
        yardstick: { name: 'at the same server', summary: summarize(delays.map(([same]) => same)) },
      };
    };
    const rounds = options.quick ? { warmUp: 50, measured: 100 } : { warmUp: 200, measured: 1000 };
    const quiet = await measure(delayNames.quiet, rounds);
    const { write } = await createWriters(clients, others);
    let over = false;
    const writing = (async () => {
      while (!over) await write(200);
    })();
    try {
      const busy = await Promise.race([
        measure(delayNames.busy, rounds),
        writing.then((): never => {
          throw new Error('the other clients have stopped');
        }),
      ]);
      return [quiet, busy];
    } finally {
      over = true;
      await writing;
      for (const stream of streams) stream.close();
    }
  });
}
