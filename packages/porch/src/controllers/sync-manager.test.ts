import { type EventText, noTracing } from '@porch/apiserver';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { keptLog } from '../../../../e2e/harness/kept-log.ts';
import { repositoryStateKey } from '../cache/revision-cache.ts';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import { DiscoveryMemories } from '../git/discovery-memories.ts';
import type { Repository } from '../resources/repository.ts';
import { RegistrationOrder } from './registration-order.ts';
import { RunLimit } from './run-limit.ts';
import { commitElsewhere } from './sync/commit-elsewhere.test-support.ts';
import { SyncManager } from './sync-manager.ts';

let trial: Trial;
let manager: SyncManager;
let away = false;
let denied = false;
let refused = 0;
/** Events. */
let told: EventText[] = [];
/** The Git server answers when this has resolved. */
let answering: Promise<void>;

const patience = { timeout: 60_000, interval: 20 };

/** Starts a manager that follows the Repository, as the controller does. */
function follow(frequencyMs: number, limit = new RunLimit(1), logger = pino({ level: 'silent' })): void {
  const { parts } = trial;
  const seconds = { observe: () => undefined };
  const events = { record: (_: Repository, text: EventText) => void told.push(text) };
  const shared = {
    parts,
    learned: new DiscoveryMemories(logger),
    limit,
    order: new RegistrationOrder(),
    frequencyMs,
    logger,
    tracing: noTracing,
  };
  manager = new SyncManager({ ...shared, namespace: 'default', name: 'r', random: () => 0.5, seconds, events });
  parts.registrations.watch(({ object }) => manager.observe(object));
}

function repository(): Repository {
  const found = trial.parts.registrations.get('default', 'r');
  if (found === undefined) throw new Error('the repository is gone');
  return found;
}

const ready = () => repository().status?.conditions?.find(({ type }) => type === 'Ready');

async function change(make: (object: Repository) => void): Promise<void> {
  await trial.parts.registrations.update('default', 'r', (current) => {
    make(current);
    return current;
  });
}

/** Changes what asks for nothing, and waits until it is acknowledged. */
async function describeAs(description: string): Promise<void> {
  await change((object) => {
    object.spec.description = description;
  });
  await vi.waitFor(
    () => expect(repository().status?.observedGeneration).toBe(repository().metadata.generation),
    patience,
  );
}

beforeEach(async () => {
  away = false;
  denied = false;
  refused = 0;
  told = [];
  answering = Promise.resolve();
  trial = await startTrial('async', {
    onRequest: async () => {
      await answering;
      if (!away && !denied) return undefined;
      refused++;
      return denied ? { status: 403, body: 'denied' } : { status: 503, body: 'away' };
    },
  });
  await trial.addRepository('r');
  await trial.create('r', 'p', 'w');
  await trial.publish('r.p.w');
  await change((object) => {
    object.metadata.generation = 1;
  });
});

afterEach(async () => {
  await manager?.close();
  await trial?.close();
});

test('looks again and again at its frequency', async () => {
  follow(100);
  await vi.waitFor(() => expect(ready()?.status).toBe('True'), patience);
  await trial.git('r', 'tag', 'p/v7', 'main');
  await vi.waitFor(() => expect(trial.get('r.p.v7')).toBeDefined(), patience);
});

test('tells of package revisions whose Kptfiles cannot be read', async () => {
  const broken = await commitElsewhere(trial, 'r', 'main', 'broken/Kptfile', '{{{');
  await trial.git('r', 'update-ref', 'refs/heads/main', broken);
  follow(3_600_000);
  await vi.waitFor(() => expect(told).toHaveLength(2), patience);
  expect(told).toEqual([
    { type: 'Normal', reason: 'Synced', message: expect.any(String) },
    {
      type: 'Warning',
      reason: 'KptfileUnreadable',
      message: expect.stringMatching(/^1 listed without .* which cannot be read: r\.broken\.main \(Kptfile.*\)$/),
    },
  ]);
});

test('logs what the Repository says of a failure, and no stack', async () => {
  denied = true;
  const log = keptLog('warn');
  follow(0, new RunLimit(1), log.logger);
  await vi.waitFor(() => expect(ready()?.reason).toBe('Error'), patience);
  const [line = ''] = log.text.split('\n');
  const { msg, err, reason, repository: name } = JSON.parse(line);
  expect([msg, err, name]).toEqual(['repository could not be synchronised', undefined, 'r']);
  expect(reason).toBe(ready()?.message);
  expect(reason).toMatch(/^Authentication: .* 403\. If the repository is not for everybody, make a Secret/);
});

test('looks once when asked to, says that it has, and is not behind afterwards', async () => {
  follow(0);
  await vi.waitFor(() => expect(ready()?.status).toBe('True'), patience);
  await trial.git('r', 'tag', 'p/v7', 'main');
  const runOnceAt = '2026-01-02T03:04:05Z';
  await change((object) => {
    object.spec.sync = { runOnceAt };
  });
  await vi.waitFor(() => expect(trial.get('r.p.v7')).toBeDefined(), patience);
  await vi.waitFor(() => expect(repository().spec.sync).toBeUndefined(), patience);
  expect(repository().status?.observedRunOnceAt).toBe(runOnceAt);
  expect(repository().status?.observedGeneration).toBe(repository().metadata.generation);
});

test('says that it is being read when the first synchronisation takes its time', async () => {
  await trial.parts.store.commit({ operations: [{ type: 'delete', key: repositoryStateKey('default', 'r') }] });
  const answer = Promise.withResolvers<void>();
  answering = answer.promise;
  follow(0);
  await vi.waitFor(() => expect(ready()).toMatchObject({ status: 'False', reason: 'Reconciling' }), patience);
  answer.resolve();
  await vi.waitFor(() => expect(ready()?.status).toBe('True'), patience);
});

test('acknowledges changes that ask for nothing', async () => {
  follow(0);
  await vi.waitFor(() => expect(ready()?.status).toBe('True'), patience);
  await describeAs('better words');
});

test('is not Ready while the remote cannot be reached, and recovers when the spec or a trigger has it look again', async () => {
  away = true;
  follow(0);
  await vi.waitFor(() => expect(ready()).toMatchObject({ status: 'False', reason: 'Error' }), patience);
  away = false;
  manager.trigger();
  await vi.waitFor(() => expect(ready()?.status).toBe('True'), patience);
});

test('looks no more often than it should after a failure whose next attempt was due when it recovered', async () => {
  let passed = 0;
  Object.assign(trial.parts, { clock: () => new Date(Date.now() + passed) });
  away = true;
  follow(0);
  await vi.waitFor(() => expect(ready()?.status).toBe('False'), patience);
  away = false;
  passed = 3_600_000;
  manager.trigger();
  await vi.waitFor(() => expect(ready()?.status).toBe('True'), patience);
  const looks = vi.spyOn(trial.parts.repositories, 'of');
  for (const description of 'abcdefgh') await describeAs(description);
  expect(looks).not.toHaveBeenCalled();
});

test('goes on after a failure that could not be written down', async () => {
  const { registrations } = trial.parts;
  away = true;
  const update = vi.spyOn(registrations, 'update').mockRejectedValue(new Error('the store is away'));
  follow(0);
  await vi.waitFor(() => expect(manager.history.failures).toBe(1), patience);
  await vi.waitFor(() => expect(update).toHaveBeenCalled(), patience);
  update.mockRestore();
  away = false;
  manager.trigger();
  await vi.waitFor(() => expect(ready()?.status).toBe('True'), patience);
});

test('waits for the synchronisation that is under way when it is closed', async () => {
  const { repositories } = trial.parts;
  const of = repositories.of.bind(repositories);
  const go = Promise.withResolvers<void>();
  const looks = vi.spyOn(repositories, 'of').mockImplementation(async (object) => {
    await go.promise;
    return of(object);
  });
  follow(0);
  await vi.waitFor(() => expect(looks).toHaveBeenCalledTimes(1), patience);
  let isClosed = false;
  const closed = manager.close().then(() => {
    isClosed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isClosed).toBe(false);
  go.resolve();
  await closed;
});

test('leaves a remote that fails alone until it is time to try again, however much is overdue', async () => {
  // Time passes with each look at the clock.
  let time = Date.now();
  Object.assign(trial.parts, { clock: () => new Date(time++) });
  // So often that the next one is overdue as soon as one has failed.
  follow(1);
  await vi.waitFor(() => expect(ready()?.status).toBe('True'), patience);
  away = true;
  await vi.waitFor(() => expect(ready()?.status).toBe('False'), patience);
  const atFirst = refused;
  for (const description of 'abcdefgh') await describeAs(description);
  expect(refused).toBe(atFirst);
  await change((object) => {
    object.spec.sync = { runOnceAt: new Date(time + 1).toISOString() };
  });
  await vi.waitFor(() => expect(refused).toBeGreaterThan(atFirst), patience);
});

test('does not ask a remote that fails without end because of a wish for later', async () => {
  follow(1);
  await vi.waitFor(() => expect(ready()?.status).toBe('True'), patience);
  away = true;
  const runOnceAt = '2199-01-02T03:04:05Z';
  await change((object) => {
    object.spec.sync = { runOnceAt };
  });
  await vi.waitFor(() => expect(ready()?.status).toBe('False'), patience);
  const atFirst = refused;
  for (const description of 'abcd') await describeAs(description);
  expect(refused).toBe(atFirst);
  expect(repository().spec.sync?.runOnceAt).toBe(runOnceAt);
});

test('says, and keeps, the time that the kind of failure asks for, before anything was read as well', async () => {
  denied = true;
  follow(300_000);
  const inMinutes = () => (Date.parse(repository().status?.nextFullSyncTime ?? '') - Date.now()) / 60_000;
  await vi.waitFor(() => expect(ready()?.message).toContain('Authentication'), patience);
  await vi.waitFor(() => expect(inMinutes()).toBeGreaterThan(8), patience);
  const said = repository().status?.nextFullSyncTime;
  await change((object) => {
    object.spec.description = 'another';
  });
  await vi.waitFor(
    () => expect(repository().status?.observedGeneration).toBe(repository().metadata.generation),
    patience,
  );
  expect(repository().status?.nextFullSyncTime).toBe(said);
});

test('tries again at the next time of a schedule, where the kind of failure asks for a later one', async () => {
  denied = true;
  await change((object) => {
    object.spec.sync = { schedule: '*/2 * * * *' };
    object.status = { ...object.status, lastFullSyncTime: '2020-01-02T03:04:05Z' };
  });
  const begun = Date.now();
  follow(300_000);
  await vi.waitFor(() => expect(ready()?.message).toContain('Authentication'), patience);
  const next = Date.parse(repository().status?.nextFullSyncTime ?? '');
  expect(next % 120_000).toBe(0);
  expect(next - begun).toBeGreaterThan(0);
  expect(next - Date.now()).toBeLessThanOrEqual(120_000);
});

test('looks once more when it is asked to, however long it would have waited, and whatever time is named', async () => {
  denied = true;
  follow(300_000);
  await vi.waitFor(() => expect(ready()?.message).toContain('Authentication'), patience);
  const atFirst = refused;
  await change((object) => {
    object.spec.sync = { runOnceAt: '2020-01-02T03:04:05Z' };
  });
  await vi.waitFor(() => expect(refused).toBeGreaterThan(atFirst), patience);
  await vi.waitFor(
    () => expect(repository().status?.observedGeneration).toBe(repository().metadata.generation),
    patience,
  );
  const asked = refused;
  await change((object) => {
    object.spec.description = 'another';
  });
  await vi.waitFor(
    () => expect(repository().status?.observedGeneration).toBe(repository().metadata.generation),
    patience,
  );
  expect(refused).toBe(asked);
});

test('does not look again and again at what is not supported', async () => {
  follow(300_000);
  await vi.waitFor(() => expect(ready()?.status).toBe('True'), patience);
  await change((object) => {
    object.spec = { type: 'oci', oci: { registry: 'r.example' } };
    object.status = {};
  });
  await vi.waitFor(() => expect(ready()?.reason).toBe('Unsupported'), patience);
  expect(Date.parse(repository().status?.nextFullSyncTime ?? '') - Date.now()).toBeGreaterThan(480_000);
});

describe('much that has vanished at once', () => {
  const numbers = [7, 8, 9, 10, 11, 12];
  const listed = () => numbers.filter((number) => trial.get(`r.p.v${number}`) !== undefined);
  const wish = (runOnceAt: string) =>
    change((object) => {
      object.spec.sync = { runOnceAt };
    });

  beforeEach(async () => {
    for (const number of numbers) await trial.git('r', 'tag', `p/v${number}`, 'main');
    await trial.sync('r');
    for (const number of numbers) await trial.git('r', 'tag', '-d', `p/v${number}`);
  });

  test('is removed when that is wished for, and not before', async () => {
    follow(0);
    await vi.waitFor(() => expect(ready()?.reason).toBe('RefsVanished'), patience);
    expect(listed()).toEqual(numbers);
    await wish('2020-01-02T03:04:05Z');
    await vi.waitFor(() => expect(ready()?.status).toBe('True'), patience);
    expect(listed()).toEqual([]);
  });

  test.each([
    ['for at once', '2020-01-02T03:04:05Z'],
    ['for later', '2199-01-02T03:04:05Z'],
  ])(
    'stays in spite of a wish %s that is older than the news, and goes when it is made again',
    async (_, runOnceAt) => {
      await wish(runOnceAt);
      follow(0);
      await vi.waitFor(() => expect(ready()?.reason).toBe('RefsVanished'), patience);
      expect(listed()).toEqual(numbers);
      expect(repository().spec.sync).toBeUndefined();
      expect(repository().status?.observedRunOnceAt).toBe(runOnceAt);
      expect(repository().status?.observedGeneration).toBe(repository().metadata.generation);
      await wish('2020-01-02T03:04:05Z');
      await vi.waitFor(() => expect(ready()?.status).toBe('True'), patience);
      expect(listed()).toEqual([]);
    },
  );

  test('stays when the remote comes back without it after a wish for another look', async () => {
    away = true;
    follow(300_000);
    await vi.waitFor(() => expect(ready()?.reason).toBe('Error'), patience);
    const atFirst = refused;
    await wish('2020-01-02T03:04:05Z');
    await vi.waitFor(() => expect(refused).toBeGreaterThan(atFirst), patience);
    away = false;
    manager.trigger();
    await vi.waitFor(() => expect(ready()?.reason).toBe('RefsVanished'), patience);
    expect(listed()).toEqual(numbers);
    expect(repository().spec.sync).toBeUndefined();
  });
});

test('keeps a wish that is made while an earlier one is carried out, and looks once more for what it is asked meanwhile', async () => {
  const looks = vi.spyOn(trial.parts.repositories, 'of');
  const wish = (runOnceAt: string) =>
    change((object) => {
      object.spec.sync = { runOnceAt };
    });
  const answer = Promise.withResolvers<void>();
  answering = answer.promise;
  await wish('2020-01-02T03:04:05Z');
  follow(0);
  await vi.waitFor(() => expect(looks).toHaveBeenCalledTimes(1), patience);
  await wish('2199-01-02T03:04:05Z');
  manager.trigger();
  answer.resolve();
  await vi.waitFor(() => expect(looks).toHaveBeenCalledTimes(2), patience);
  await vi.waitFor(() => expect(ready()?.status).toBe('True'), patience);
  await manager.close();
  expect(repository().spec.sync?.runOnceAt).toBe('2199-01-02T03:04:05Z');
});

test('looks again soon at what was written during a synchronisation', async () => {
  const answer = Promise.withResolvers<void>();
  const looks = vi.spyOn(trial.parts.repositories, 'of');
  answering = answer.promise;
  await trial.git('r', 'tag', 'p/v7', 'main');
  follow(0);
  await vi.waitFor(() => expect(looks).toHaveBeenCalledTimes(1), patience);
  await trial.update('r.p.w', ({ metadata }) => {
    metadata.labels = { ...metadata.labels, changed: 'meanwhile' };
  });
  answer.resolve();
  await vi.waitFor(() => expect(trial.get('r.p.v7')).toBeDefined(), patience);
  const references = () => trial.parts.cache.repositoryState('default', 'r')?.value.references;
  await vi.waitFor(() => expect(references()).toBe(''), patience);
  await vi.waitFor(() => expect(references()).not.toBe(''), patience);
});

test('does not ask without end for what is overdue while the namespace is being deleted, and goes on if that was a former one', async () => {
  trial.terminating = 'default';
  const timers = vi.spyOn(globalThis, 'setTimeout');
  try {
    follow(300_000, new RunLimit(1, { afterMs: 3_600_000, most: 0 }));
    await vi.waitFor(() => expect(timers.mock.calls.map(([, delay]) => delay)).toContain(5_000), patience);
  } finally {
    timers.mockRestore();
  }
  expect(ready()).toBeUndefined();
  trial.terminating = '';
  await change((object) => {
    object.spec.description = 'another';
  });
  await vi.waitFor(() => expect(ready()?.status).toBe('True'), patience);
});

test('ends at once where it still waits for its turn', async () => {
  const limit = new RunLimit(1, { afterMs: 3_600_000, most: 0 });
  const { promise: hangs, resolve: end } = Promise.withResolvers<void>();
  const other = limit.run(() => hangs);
  follow(3_600_000, limit);
  manager.trigger();
  await manager.close();
  end();
  await other;
});
