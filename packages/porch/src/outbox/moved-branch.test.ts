import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitElsewhere } from '../controllers/sync/commit-elsewhere.test-support.ts';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import { GitError, type Mirror } from '../git/types.ts';

let trial: Trial;
/** Whether the answer of the next push is lost. */
let losesAnswer = false;

function losingAnswers(mirror: Mirror): Mirror {
  return new Proxy(mirror, {
    get(target, property) {
      if (property === 'push') {
        return async (...args: Parameters<Mirror['push']>) => {
          const outcome = await target.push(...args);
          if (!losesAnswer) return outcome;
          losesAnswer = false;
          throw new GitError('Timeout', 'the remote does not answer', 'Try again.');
        };
      }
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

beforeAll(async () => {
  trial = await startTrial('async', {}, losingAnswers);
});

afterAll(() => trial?.close());

test.each([
  ['is answered', false],
  ['is not answered', true],
])('a draft that somebody else has changed is in one place only when the push of its proposal %s', async (_, lost) => {
  const r = `r-${lost}`;
  await trial.addRepository(r);
  await trial.create(r, 'p', 'w');
  await trial.mirrored(`${r}.p.w`);
  const theirs = await commitElsewhere(trial, r, 'drafts/p/w', 'p/theirs.txt', 'theirs');
  await trial.git(r, 'update-ref', 'refs/heads/drafts/p/w', theirs);
  losesAnswer = lost;
  await trial.setLifecycle(`${r}.p.w`, 'Proposed');
  await expect.poll(() => trial.parts.queue.backlog('default', r).waiting).toBe(0);
  expect(losesAnswer).toBe(false);
  expect(await trial.references(r)).toEqual(['refs/heads/drafts/p/w', 'refs/heads/main']);
  expect((await trial.sync(r)).conflicts).toMatchObject([{ name: `${r}.p.w`, theirs }]);
});
