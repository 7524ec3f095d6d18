import { paths } from '../api/objects.ts';
import { percentile, summarize } from '../measure.ts';
import type { Measurement } from '../results.ts';
import type { Scenario } from './scenario.ts';

/** Starting with everything in the store, and the memory that the serving process then needs. Runs last: it restarts the server. */
export const start: Scenario = {
  name: 'start',
  async run(bed) {
    const { measured } = bed.rounds(5, 0);
    const times: number[] = [];
    const started: number[] = [];
    const listed: number[] = [];
    const peaks: number[] = [];
    for (let i = 0; i < measured; i++) {
      const server = await bed.restart();
      times.push(server.startMs);
      await bed.client.call('/readyz');
      const before = server.memory();
      for (let lists = 0; lists < 3; lists++) await bed.client.call(paths.revisions);
      const after = server.memory();
      if (before === undefined || after === undefined) continue;
      started.push(before.now);
      listed.push(after.now);
      peaks.push(after.peak);
    }
    const memory = (name: string, samples: readonly number[]): Measurement[] =>
      samples.length === 0 ? [] : [{ name, size: bed.size, unit: 'MB', summary: summarize(samples) }];
    return [
      {
        name: 'start, until ready',
        size: bed.size,
        unit: 'ms',
        summary: summarize(times),
        note: `worst ${percentile(times, 1).toFixed(0)} ms`,
      },
      ...memory('memory when ready', started),
      ...memory('memory after three plain lists', listed),
      ...memory('memory, highest since the start', peaks),
    ];
  },
};
