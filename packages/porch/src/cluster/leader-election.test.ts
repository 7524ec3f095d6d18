import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LeaderElection, type LeaderElectionOptions } from './leader-election.ts';
import {
  type Answer,
  type Asked,
  refused,
  type ScriptedCluster,
  scriptedCluster,
} from './scripted-cluster.test-support.ts';

interface Spec {
  holderIdentity: string;
  leaseDurationSeconds: number;
  acquireTime: string;
  renewTime: string;
  leaseTransitions: number;
}

const lease = '/apis/coordination.k8s.io/v1/namespaces/ns/leases/leader';
const times = { leaseMs: 90_000, renewMs: 60_000, retryMs: 20 };

let cluster: ScriptedCluster;
let spec: Spec | undefined;
let version: number;
/** What the cluster answers. */
let respond: (asked: Asked) => Answer | Promise<Answer>;
/** What the candidates did, in order. */
let happened: string[];
let candidates: LeaderElection[];
/** What the candidates' own clocks show, in milliseconds. */
let now: number;

/** What a kube-apiserver answers. */
function usual(asked: Asked): Answer {
  const body = () => ({ metadata: { name: 'leader', resourceVersion: String(version) }, spec });
  if (asked.method === 'POST') {
    if (spec !== undefined) return refused(409);
  } else if (asked.path !== lease || spec === undefined) return refused(404);
  if (asked.method === 'GET') return { body: body() };
  const { metadata } = asked.body as { metadata: { resourceVersion?: string } };
  if (asked.method === 'PUT' && metadata.resourceVersion !== String(version)) return refused(409);
  write(asked.body['spec'] as Spec);
  return { body: body() };
}

function write(next: Spec | undefined): void {
  version += 1;
  spec = next;
  happened.push(`lease of ${next?.holderIdentity || 'nobody'}`);
}

beforeEach(async () => {
  [spec, version, respond, happened, candidates, now] = [undefined, 1, usual, [], [], 0];
  cluster = await scriptedCluster((asked) => respond(asked));
});
afterEach(async () => {
  respond = usual;
  for (const candidate of candidates) await candidate.close();
  await cluster.close();
});

function candidate(identity: string, options: Partial<LeaderElectionOptions> = {}): LeaderElection {
  const election = new LeaderElection({
    ...{
      client: cluster.client,
      namespace: 'ns',
      name: 'leader',
      identity,
      times,
      clock: () => new Date(),
      now: () => now,
    },
    logger: pino({ level: 'silent' }),
    lead() {
      happened.push(`${identity} begins`);
      return async () => {
        // Whatever is under way takes its time.
        await new Promise((resolve) => setImmediate(resolve));
        happened.push(`${identity} has ended`);
      };
    },
    ...options,
  });
  candidates.push(election);
  election.start();
  return election;
}

const looks = (): number => cluster.asked.filter(({ method }) => method === 'GET').length;
/** Waits until the candidates have looked at the Lease so often. */
const afterLooks = (count: number): Promise<unknown> =>
  vi.waitUntil(() => looks() >= count, { timeout: 30_000, interval: 5 });
const until = (holds: () => boolean): Promise<unknown> => vi.waitUntil(holds, { timeout: 30_000, interval: 5 });

const others = (identity: string, leaseDurationSeconds = 1): Spec => ({
  holderIdentity: identity,
  leaseDurationSeconds,
  acquireTime: '2026-01-01T00:00:00.000000Z',
  renewTime: '2026-01-01T00:00:00.000000Z',
  leaseTransitions: 3,
});

test('who leads renews the Lease, which says since when', async () => {
  const clock = (() => {
    let seconds = 0;
    return () => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds++));
  })();
  const first = candidate('first', { clock });
  await until(() => first.leads);
  const begun = spec;
  expect(begun).toMatchObject({ holderIdentity: 'first', leaseDurationSeconds: 90, leaseTransitions: 0 });
  await afterLooks(4);
  expect(spec?.acquireTime).toBe(begun?.acquireTime);
  expect(Date.parse(spec?.renewTime ?? '')).toBeGreaterThan(Date.parse(begun?.renewTime ?? ''));
  expect(spec?.leaseTransitions).toBe(0);
  // Longer in all than it would go on without having renewed it.
  for (let turn = 0; turn < 4; turn++) {
    now += 40_000;
    await afterLooks(looks() + 2);
  }
  expect(first.leads).toBe(true);
  expect(happened.filter((what) => what.startsWith('first'))).toEqual(['first begins']);
});

test('a Lease that is renewed is left alone, whatever the time in it', async () => {
  spec = others('other', 10);
  const second = candidate('second');
  for (let turn = 0; turn < 4; turn++) {
    await afterLooks(looks() + 2);
    spec = { ...others('other', 10), renewTime: `2020-01-01T00:00:0${turn}.000000Z` };
    await afterLooks(looks() + 2);
    now += 9_000;
  }
  await afterLooks(looks() + 2);
  expect(second.leads).toBe(false);
  expect(spec.holderIdentity).toBe('other');
});

test('a Lease that nobody is seen to renew is taken when its time is over, and not before', async () => {
  spec = others('other', 10);
  const heir = candidate('heir');
  await afterLooks(2);
  now += 9_999;
  await afterLooks(looks() + 2);
  expect(heir.leads).toBe(false);
  now += 2;
  await until(() => heir.leads);
  expect(spec).toMatchObject({ holderIdentity: 'heir', leaseTransitions: 4 });
  expect(spec.acquireTime).not.toBe(others('other').acquireTime);
});

test('a Lease that was let go of is taken at once', async () => {
  spec = others('', 60);
  const next = candidate('next');
  await until(() => next.leads);
  expect(spec?.holderIdentity).toBe('next');
});

test('of two that take a Lease in the same moment only the one that the cluster hears first leads', async () => {
  spec = others('', 60);
  respond = (asked) => {
    if (asked.method === 'PUT' && version === 1) write(others('quicker', 60));
    return usual(asked);
  };
  const slower = candidate('slower');
  await afterLooks(3);
  expect(slower.leads).toBe(false);
  expect(spec.holderIdentity).toBe('quicker');
});

test('who finds the Lease in another hand ends what a leader does, at once', async () => {
  const first = candidate('first');
  await until(() => first.leads);
  write(others('thief', 60));
  await until(() => !first.leads);
  await until(() => happened.includes('first has ended'));
  expect(spec?.holderIdentity).toBe('thief');
});

test('who cannot renew the Lease goes on for a while, then ends, and begins again when it can', async () => {
  const first = candidate('first');
  await until(() => first.leads);
  respond = () => refused(503);
  await afterLooks(looks() + 2);
  now += times.renewMs - 10_000;
  await afterLooks(looks() + 2);
  expect(first.leads).toBe(true);
  now += 10_000;
  await until(() => happened.includes('first has ended'));
  respond = usual;
  await until(() => first.leads);
});

test('who is left without an answer ends all the same', async () => {
  const first = candidate('first', { times: { ...times, renewMs: 500 }, now: () => performance.now() });
  await until(() => first.leads);
  const silence = Promise.withResolvers<Answer>();
  respond = () => silence.promise;
  await until(() => happened.includes('first has ended'));
  silence.resolve(undefined);
});

test('who is closed ends what a leader does before it lets go of the Lease, and nobody has to wait for the next', async () => {
  const first = candidate('first');
  await until(() => first.leads);
  happened = [];
  await first.close();
  const end = happened.indexOf('first has ended');
  expect(happened.slice(end)).toEqual(['first has ended', 'lease of nobody']);
  expect(spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
});

test('who is closed while it takes the Lease begins nothing, and lets go of it', async () => {
  const taking = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  respond = async (asked) => {
    if (asked.method === 'POST') {
      taking.resolve();
      await taken.promise;
    }
    return usual(asked);
  };
  const first = candidate('first');
  await taking.promise;
  const closed = first.close();
  taken.resolve();
  await closed;
  expect(first.leads).toBe(false);
  expect(happened).toEqual(['lease of first', 'lease of nobody']);
});

test('who is closed leaves a Lease alone that is in another hand', async () => {
  const first = candidate('first');
  await until(() => first.leads);
  // While it cannot look it does not know yet.
  respond = (asked) => (spec?.holderIdentity === 'first' ? refused(503) : usual(asked));
  await afterLooks(looks() + 1);
  const closing = first.close();
  spec = others('thief', 60);
  await closing;
  expect(spec).toEqual(others('thief', 60));
});
