import { paths, revisionName } from '../api/objects.ts';
import type { Bed } from '../bed.ts';
import { publishedAt } from '../fixture/import-stream.ts';
import { alternate, summarize, timed } from '../measure.ts';
import type { Measurement } from '../results.ts';
import type { Scenario } from './scenario.ts';
import { openWatchers } from './watchers.ts';

/** From sending one change, a new label, until the last of many watchers has been told of it. */
export const watch: Scenario = {
  name: 'watch',
  async run(bed) {
    const measurements: Measurement[] = [];
    for (const count of [1, 100, 1000]) measurements.push(await measure(bed, count));
    return measurements;
  },
};

async function measure(bed: Bed, count: number): Promise<Measurement> {
  const { path, revision } = publishedAt(0, bed.size);
  const target = paths.revision(revisionName(path, `v${revision}`));
  const headers = { 'content-type': 'application/merge-patch+json' };
  let changes = 0;
  const change = () => {
    const body = { metadata: { labels: { 'bench.example.com/round': `${count}-${++changes}` } } };
    return bed.client.call(target, { method: 'PATCH', headers, body });
  };
  const changed = JSON.parse((await change()).body.toString('utf8')) as { metadata: { resourceVersion: string } };
  const event = `{"type":"MODIFIED","object":${JSON.stringify(changed)}}\n`;
  await bed.sender.keep(Buffer.from(event));

  const query = `watch=true&resourceVersion=${changed.metadata.resourceVersion}`;
  const watchers = await openWatchers(() => bed.connect(), `${paths.revisions}?${query}`, count);
  const listeners = await openWatchers(() => bed.sender.connect(), '/watch', count);
  const samples = await alternate(bed.rounds(40, 10), {
    watch: () => timed(() => Promise.all([watchers.oneMore(), change()])),
    plain: () =>
      timed(() =>
        Promise.all([listeners.oneMore(), bed.sender.connection.send('/broadcast', { method: 'POST', body: {} })]),
      ),
  });
  watchers.close();
  listeners.close();
  return {
    name: `change seen by ${count} watcher${count === 1 ? '' : 's'}`,
    size: bed.size,
    unit: 'ms',
    summary: summarize(samples.watch),
    yardstick: { name: 'the same buffer written to as many streams', summary: summarize(samples.plain) },
    note: `${event.length} bytes each; includes the durable write`,
  };
}
