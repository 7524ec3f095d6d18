import { summarize } from '../measure.ts';
import type { Measurement } from '../results.ts';
import { withCluster } from './cluster.ts';
import { createWriters } from './writers.ts';

/** Clients in all, however many servers there are. */
const clients = 16;

/** How many writes a second one, two and four servers on one database acknowledge. */
export async function measureWrites(options: {
  readonly quick: boolean;
  readonly profile: string | undefined;
  /** Told which number of servers comes next. */
  readonly progress: (text: string) => void;
}): Promise<readonly Measurement[]> {
  const { quick, profile, progress } = options;
  const measurements: Measurement[] = [];
  for (const replicas of [1, 2, 4]) {
    progress(`replicas: writes through ${replicas}`);
    const rates = await withCluster(replicas, profile, async (servers) => {
      const { write } = await createWriters(servers, clients);
      await write(quick ? 1000 : 3000); // the first ones compile
      const measured: number[] = [];
      for (let window = 0; window < (quick ? 2 : 8); window++) measured.push(await write(1000));
      return measured;
    });
    measurements.push({
      name: `files of drafts replaced through ${replicas} ${replicas === 1 ? 'server' : 'servers'} on one PostgreSQL`,
      size: undefined,
      unit: '/s',
      summary: summarize(rates),
      note: `${clients} clients`,
    });
  }
  return measurements;
}
