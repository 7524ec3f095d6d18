import { expect, test } from 'vitest';
import { SeededRandom } from '../../../../../e2e/harness/seeded-random.ts';
import { startTrial } from '../../engine/trial.test-support.ts';
import { BothSides } from './both-sides.test-support.ts';

const seed = Number(process.env.PORCH_SYNC_SEED ?? 20_261_129);
const rounds = Number(process.env.PORCH_SYNC_ROUNDS ?? 6);
const steps = Number(process.env.PORCH_SYNC_OPERATIONS ?? 16);

/**
 * Whatever is done here and in Git, in whatever order and while synchronisations are under way: in the end the API shows what somebody
 * sees who registers the remote anew, but for drafts that wait for a decision, and no client is answered with a fault of the server.
 */
test.each([
  ['all pushes succeed', 0],
  ['pushes are cut, and their answers lost', 0.3],
])('what is changed on both sides comes to the same when %s', async (_, faulty) => {
  let random = new SeededRandom(seed);
  let calm = false;
  const trial = await startTrial('async', {
    onRequest: ({ method, service }) => {
      if (calm || method !== 'POST' || service !== 'git-receive-pack' || random.next() >= faulty) return undefined;
      return { fault: random.next() < 0.5 ? 'answer-lost' : 'cut' };
    },
  });
  try {
    for (let round = 0; round < rounds; round++) {
      random = new SeededRandom(seed + round);
      calm = false;
      const repository = `r${round}`;
      const url = await trial.addRepository(repository);
      const sides = new BothSides(trial, repository, new SeededRandom(seed + round), faulty > 0);
      const told = () => `seed ${seed + round}:\n${sides.log.join('\n')}`;
      try {
        for (let step = 0; step < steps; step++) await sides.step(step < 2);
        calm = true;
        const undecided = await sides.converge();
        const [here, anew] = [await sides.shown(), await sides.shownAnew(url)];
        for (const name of new Set([...here.keys(), ...anew.keys()])) {
          if (!undecided.has(`${repository}${name}`)) expect(here.get(name), name).toEqual(anew.get(name));
        }
      } catch (error) {
        throw new Error(told(), { cause: error });
      }
    }
  } finally {
    await trial.close();
  }
});
