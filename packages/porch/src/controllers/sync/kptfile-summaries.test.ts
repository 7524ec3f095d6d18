import { createPackageWorkers } from '@porch/kpt';
import { afterEach, expect, test } from 'vitest';
import { GitError, type Mirror } from '../../git/types.ts';
import { KptfileSummaries } from './kptfile-summaries.ts';

const kptfile = (name: string, more = ''): string =>
  `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: ${name}\n${more}`;

let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});

/** Summaries over blobs whose ids are their texts, and how often each was asked for. */
function setUp(jobTimeout: number) {
  const workers = createPackageWorkers({ threads: 1, jobTimeout });
  closing.push(() => workers.close());
  const asked: string[] = [];
  const memory = { now: 0, most: 0 };
  const blobs: Mirror['blobs'] = async ([id = ''], mostBytes = Number.POSITIVE_INFINITY) => {
    asked.push(id);
    memory.now++;
    memory.most = Math.max(memory.most, memory.now);
    if (id === 'lost') throw new Error('the mirror is gone');
    if (id.length > mostBytes) throw new GitError('TooLarge', 'the object is too large', 'make it smaller');
    return [Buffer.from(id)];
  };
  const trips: number[] = [];
  const counted = {
    ...workers,
    run: workers.run.bind(workers),
    close: workers.close.bind(workers),
    async summarize(texts: readonly string[]) {
      trips.push(texts.length);
      const found = await workers.summarize(texts);
      memory.now -= texts.length;
      return found;
    },
  };
  return { summaries: new KptfileSummaries({ workers: counted }, { blobs }), asked, trips, memory };
}

test('are read many in a trip, equal ones once', async () => {
  const { summaries, asked, trips } = setUp(60_000);
  const names = Array.from({ length: 100 }, (_, index) => `p-${index % 90}`);
  const found = await Promise.all(names.map((name) => summaries.of(kptfile(name))));
  expect(found.map(({ name }) => name)).toEqual(names);
  expect(asked).toHaveLength(90);
  expect(trips).toEqual([64, 26]);
});

test('one that Git cannot give out says nothing; what else fails is an error', async () => {
  const { summaries } = setUp(60_000);
  expect(await summaries.of(kptfile('large', `# ${'x'.repeat(1 << 20)}\n`))).toMatchObject({
    name: '',
    error: expect.any(String),
  });
  await expect(summaries.of('lost')).rejects.toThrow('the mirror is gone');
});

test('those that cannot be read are known with the reason', async () => {
  const { summaries } = setUp(60_000);
  const large = 'x'.repeat((1 << 20) + 1);
  await Promise.all(['{{{', large, kptfile('p')].map((blob) => summaries.of(blob)));
  expect([...summaries.unreadable]).toEqual([
    [large, expect.stringMatching('^the object is too large')],
    ['{{{', expect.stringContaining('line 1')],
  ]);
});

test('one that says more than thousands of revisions can have says nothing', async () => {
  const { summaries } = setUp(60_000);
  const annotated = (length: number) => kptfile('long', `  annotations: {a: ${'x'.repeat(length)}}\n`);
  expect(await summaries.of(annotated(60_000))).toMatchObject({ name: 'long' });
  expect(await summaries.of(annotated(70_000))).toMatchObject({ name: '', annotations: {}, error: expect.any(String) });
});

test('the more revisions there are, the less is shown of each', async () => {
  const { summaries } = setUp(60_000);
  const annotated = (length: number) => kptfile('long', `  annotations: {a: ${'x'.repeat(length)}}\n`);
  const shown = async (length: number) => (await summaries.of(annotated(length))).name === 'long';
  expect(await shown(60_000)).toBe(true);
  summaries.revisionsAre(10_000);
  expect([await shown(60_000), await shown(20_000), summaries.shortened]).toEqual([false, true, 1]);
  summaries.revisionsAre(200_000);
  expect([await shown(20_000), await shown(1900), summaries.shortened]).toEqual([false, true, 2]);
});

test('of very many a few hundred are in memory at once', async () => {
  const { summaries, memory } = setUp(60_000);
  const names = Array.from({ length: 1000 }, (_, index) => `p-${index}`);
  const found = await Promise.all(names.map((name) => summaries.of(kptfile(name))));
  expect(found.map(({ name }) => name)).toEqual(names);
  expect(memory.most).toBeLessThanOrEqual(256);
});

test('one that takes too long is unreadable, and takes no other with it', async () => {
  const { summaries } = setUp(1);
  // So much text that no machine is done within a millisecond.
  const many = Array.from({ length: 50_000 }, (_, index) => `    k${index}: "${'x'.repeat(20)}" # c\n`).join('');
  const large = kptfile('large', `  annotations:\n${many}`);
  const [slow, broken] = await Promise.all([summaries.of(large), summaries.of('{')]);
  expect(slow).toMatchObject({ name: '', error: expect.stringContaining('it took more than') });
  expect(broken?.error).toEqual(expect.any(String));
});
