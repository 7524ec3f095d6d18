import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { paths, repository, repositoryName } from '../api/objects.ts';
import type { Bed } from '../bed.ts';
import type { Remote } from '../fixture/remote.ts';
import { alternate, type Samples, summarize, timed } from '../measure.ts';
import type { Serving } from '../processes/serving.ts';
import type { Measurement } from '../results.ts';
import { type PlainMirror, plainMirror, publishByHand } from '../yardsticks/plain-mirror.ts';
import type { Scenario } from './scenario.ts';

/** What is held against git alone, and has goals. */
export const synchronisationNames = {
  first: 'synchronise for the first time',
  nothingNew: 'synchronise, nothing new',
  oneTag: 'synchronise, one new tag',
  meanwhile: 'be answered during the first synchronisation',
} as const;

/**
 * Synchronising a remote for the first time, with nothing new, and with one new tag, next to `git clone --mirror`, `git ls-remote` and
 * `git fetch` of the same; starting after each; and what others wait for answers during the first. The servers are the scenario's own, and
 * know nothing else.
 */
export const synchronise: Scenario = {
  name: 'sync',
  async run(bed) {
    const remote = await bed.copyOfTwin('synchronised');
    const first = await firstTimes(bed, remote);
    try {
      const later = await laterTimes(bed, remote, first.serving, first.mirror);
      return [...first.measurements, ...later, await answersMeanwhile(bed, remote)];
    } finally {
      await first.serving.close();
    }
  },
};

/** Each on a new server; the last of them, and git's last clone, are left for what follows. */
async function firstTimes(bed: Bed, remote: Remote) {
  const mirrors: PlainMirror[] = [];
  const servers: Serving[] = [];
  const starts: number[] = [];
  const { first, clone } = await alternate(
    { warmUp: 0, measured: bed.rounds(3, 0).measured },
    {
      clone: async (round) => {
        const mirror = plainMirror(bed.git, remote, join(bed.directory, `clone-${round}`));
        mirrors.push(mirror);
        return await mirror.clone();
      },
      first: async (round) => {
        await servers.at(-1)?.close();
        const serving = await bed.serveAnew(`synchronised-${round}`);
        servers.push(serving);
        const took = await timed(async () => {
          await serving.client.post(paths.repositories, repository(remote.url));
          await serving.client.repositoryReady(repositoryName);
        });
        starts.push((await serving.restart()).startMs);
        return took;
      },
    },
  );
  const mirror = mirrors.at(-1);
  const serving = servers.at(-1);
  if (mirror === undefined || serving === undefined) throw new RangeError('no rounds');
  const measurements = [
    against(bed, synchronisationNames.first, first, 'git clone --mirror', clone),
    started(bed, 'the first synchronisation', starts),
  ];
  return { measurements, mirror, serving };
}

async function laterTimes(bed: Bed, remote: Remote, serving: Serving, mirror: PlainMirror): Promise<Measurement[]> {
  const synchronised = () => timed(() => serving.client.synchronise(repositoryName));
  const starts = async (): Promise<number[]> => {
    const taken: number[] = [];
    for (let i = 0; i < bed.rounds(3, 0).measured; i++) taken.push((await serving.restart()).startMs);
    return taken;
  };
  const unchanged = await alternate(bed.rounds(20, 3), {
    ours: synchronised,
    git: () => mirror.lsRemote(),
  });
  const startsUnchanged = await starts();
  const oneTag = await alternate(bed.rounds(20, 3), {
    ours: async (round) => {
      await publishByHand(remote, `p-${round}`);
      return await synchronised();
    },
    git: () => mirror.fetch(),
  });
  return [
    against(bed, synchronisationNames.nothingNew, unchanged.ours, 'git ls-remote', unchanged.git),
    started(bed, 'one with nothing new', startsUnchanged),
    against(bed, synchronisationNames.oneTag, oneTag.ours, 'git fetch', oneTag.git),
    started(bed, 'one with one new tag', await starts()),
  ];
}

/** What somebody waits who asks a server something small, again and again, while it synchronises the remote for the first time. */
async function answersMeanwhile(bed: Bed, remote: Remote): Promise<Measurement> {
  const quiet: number[] = [];
  const meanwhile: number[] = [];
  for (let round = 0; round < bed.rounds(3, 0).measured; round++) {
    const serving = await bed.serveAnew(`meanwhile-${round}`);
    const ask = () => timed(() => serving.client.call('/version'));
    for (let asked = 0; asked < 500; asked++) {
      quiet.push(await ask());
      await delay(1);
    }
    let synchronised = false;
    const ready = serving.client
      .post(paths.repositories, repository(remote.url))
      .then(() => serving.client.repositoryReady(repositoryName))
      .finally(() => {
        synchronised = true;
      });
    ready.catch(() => undefined); // told below
    while (!synchronised) {
      meanwhile.push(await ask());
      await delay(1);
    }
    await ready;
    await serving.close();
  }
  return {
    name: synchronisationNames.meanwhile,
    size: bed.size,
    unit: 'ms',
    summary: summarize(meanwhile),
    yardstick: { name: 'while it does nothing', summary: summarize(quiet) },
    note: `the longest took ${Math.max(...meanwhile).toFixed(0)} ms`,
  };
}

function against({ size }: Bed, name: string, ours: Samples, yardstick: string, git: Samples): Measurement {
  return {
    name,
    size,
    unit: 'ms',
    summary: summarize(ours),
    yardstick: { name: yardstick, summary: summarize(git) },
  };
}

function started({ size }: Bed, after: string, starts: Samples): Measurement {
  return { name: `start after ${after}`, size, unit: 'ms', summary: summarize(starts) };
}
