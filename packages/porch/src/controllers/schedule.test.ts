import { describe, expect, test } from 'vitest';
import type { Repository, RepositoryStatus } from '../resources/repository.ts';
import { nextSync, type Timing } from './schedule.ts';

const minute = 60_000;

function repository(sync: Repository['spec']['sync'], status: RepositoryStatus = {}): Repository {
  return {
    apiVersion: 'config.porch.kpt.dev/v1alpha1',
    kind: 'Repository',
    metadata: { name: 'r', namespace: 'default' },
    spec: { type: 'git', ...(sync === undefined ? {} : { sync }) },
    status,
  };
}

function timing(now: string, random = 0.5): Timing {
  return { now: new Date(now), frequencyMs: 5 * minute, random: () => random };
}

const synced = { lastFullSyncTime: '2026-01-01T12:00:00Z' };
const at = (text: string) => new Date(text);

describe('without a schedule', () => {
  test.each([
    [0, '2026-01-01T12:04:30Z'],
    [0.5, '2026-01-01T12:05:00Z'],
    [1, '2026-01-01T12:05:30Z'],
  ])('the frequency decides, moved by up to a tenth (%d)', (random, due) => {
    expect(nextSync(repository(undefined, synced), timing('2026-01-01T12:01:00Z', random))).toEqual(at(due));
  });

  test('what is overdue is due now', () => {
    expect(nextSync(repository(undefined, synced), timing('2026-01-03T00:00:00Z'))).toEqual(at('2026-01-03T00:00:00Z'));
  });

  test('a clock that was ahead, and has been put back, does not put it off', () => {
    const ahead = { lastFullSyncTime: '2026-01-01T18:00:00Z' };
    expect(nextSync(repository(undefined, ahead), timing('2026-01-01T12:00:00Z'))).toEqual(at('2026-01-01T12:05:00Z'));
    const object = repository({ schedule: '30 * * * *' }, ahead);
    expect(nextSync(object, timing('2026-01-01T12:00:00Z'))).toEqual(at('2026-01-01T12:30:00Z'));
  });

  test('a frequency of 0 means never', () => {
    expect(
      nextSync(repository(undefined, synced), { ...timing('2026-01-01T12:01:00Z'), frequencyMs: 0 }),
    ).toBeUndefined();
  });
});

describe('with a schedule', () => {
  test('it decides, in UTC, from the last synchronisation on', () => {
    const object = repository({ schedule: '30 * * * *' }, synced);
    expect(nextSync(object, timing('2026-01-01T12:01:00Z'))).toEqual(at('2026-01-01T12:30:00Z'));
  });

  test('a time that was missed is made up for at once', () => {
    const object = repository({ schedule: '30 * * * *' }, synced);
    expect(nextSync(object, timing('2026-01-01T18:00:00Z'))).toEqual(at('2026-01-01T18:00:00Z'));
  });

  test('one that cannot be read leaves the frequency', () => {
    const object = repository({ schedule: 'soon' }, synced);
    expect(nextSync(object, timing('2026-01-01T12:01:00Z'))).toEqual(at('2026-01-01T12:05:00Z'));
  });
});

describe('runOnceAt', () => {
  const runOnceAt = '2026-01-01T12:02:00Z';

  test('comes first when it is earlier, and not when it is later', () => {
    expect(nextSync(repository({ runOnceAt }, synced), timing('2026-01-01T12:01:00Z'))).toEqual(at(runOnceAt));
    const later = repository({ runOnceAt: '2026-01-02T00:00:00Z' }, synced);
    expect(nextSync(later, timing('2026-01-01T12:01:00Z'))).toEqual(at('2026-01-01T12:05:00Z'));
  });

  test('is a new request whenever it is set, for it is removed when it has been carried out', () => {
    const again = repository({ runOnceAt }, { ...synced, observedRunOnceAt: runOnceAt });
    expect(nextSync(again, timing('2026-01-01T12:01:00Z'))).toEqual(at(runOnceAt));
  });
});

describe('a repository that never was synchronised', () => {
  test.each([undefined, '30 * * * *'])('is due now, with the schedule %j', (schedule) => {
    const object = repository(schedule === undefined ? undefined : { schedule });
    expect(nextSync(object, timing('2026-01-01T12:01:00Z'))).toEqual(at('2026-01-01T12:01:00Z'));
  });
});
