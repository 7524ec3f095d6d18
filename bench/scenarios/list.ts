import { paths, revisionName } from '../api/objects.ts';
import type { Bed } from '../bed.ts';
import { publishedAt } from '../fixture/import-stream.ts';
import { alternate, summarize, timed } from '../measure.ts';
import type { Measurement } from '../results.ts';
import type { Scenario } from './scenario.ts';

const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };

/** Lists of all revisions in several forms. */
export const list: Scenario = {
  name: 'list',
  async run(bed) {
    const { path } = publishedAt(0, bed.size);
    const first = revisionName(path, 'v1').split('.').slice(1, -1).join('.');
    return [
      await measure(bed, 'list, plain', '', {}),
      await measure(bed, 'list, as a table', '', table),
      await measure(bed, 'list, first page of 500 as a table', '?limit=500', table),
      await measure(bed, 'list, by label', '?labelSelector=kpt.dev%2Flatest-revision%3Dtrue', {}),
      await measure(
        bed,
        'list, by field: one package',
        `?fieldSelector=spec.packageName%3D${encodeURIComponent(path)}`,
        {},
      ),
      await measure(bed, 'list, by field: nothing found', `?fieldSelector=spec.packageName%3D${first}-none`, {}),
    ];
  },
};

async function measure(
  bed: Bed,
  name: string,
  query: string,
  headers: Readonly<Record<string, string>>,
): Promise<Measurement> {
  const path = `${paths.revisions}${query}`;
  const { body } = await bed.client.call(path, { headers });
  await bed.sender.keep(body);
  const samples = await alternate(bed.rounds(30, 10), {
    list: () => timed(() => bed.client.call(path, { headers })),
    plain: () => timed(() => bed.sender.connection.send('/buffer')),
  });
  return {
    name,
    size: bed.size,
    unit: 'ms',
    summary: summarize(samples.list),
    yardstick: { name: 'the same bytes from one buffer', summary: summarize(samples.plain) },
    note: `${(body.length / 1024).toFixed(0)} KB`,
  };
}
