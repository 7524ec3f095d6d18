import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { putRecord } from '../cache/records.ts';
import { storeFunctionConfigs } from '../cache/store-function-configs.ts';
import { Leases } from '../outbox/sharing/leases.ts';
import { logger, type Members, openMembers } from '../outbox/sharing/members.test-support.ts';
import type { FunctionConfig } from '../resources/function-config.ts';
import { functionConfigs } from '../resources/group.ts';
import { followFunctionConfigs } from './function-configs.ts';
import { defaultSettings, type Settings } from './settings.ts';

const patience = { timeout: 30_000, interval: 5 };
const key = { resource: functionConfigs, namespace: 'default', name: 'gate' };
const noContainers = expect.stringContaining('the server runs no containers');

let members: Members;
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  members = await openMembers(500);
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await members.close();
});

/** A server with a function runner, or without. Gives what stops it. */
async function serve(runner: string): Promise<() => Promise<void>> {
  const joined = await members.join();
  const ownership = new Leases({ member: joined.member, objects: members.objects, logger });
  closers.push(() => ownership.close());
  const settings: Settings = { ...defaultSettings, functions: { ...defaultSettings.functions, runner } };
  let close: () => unknown = () => undefined;
  followFunctionConfigs(
    {
      settings,
      logger,
      onClose: (closer) => {
        close = closer;
      },
    },
    { functionConfigs: storeFunctionConfigs(members.objects, members.store) },
    { ownership },
  );
  return async () => {
    await close();
    await joined.member.leave();
  };
}

const status = () => members.objects.get(key)?.decode<FunctionConfig>().status;

test('servers that are not able to do the same do not contradict each other, and the next one says what it is able to do', async () => {
  const stop = await serve('');
  const object = {
    apiVersion: 'config.porch.kpt.dev/v1alpha1',
    kind: 'FunctionConfig',
    metadata: { namespace: 'default', name: 'gate', generation: 1 },
    spec: { image: 'gatekeeper', podExecutor: { tags: ['v1'] } },
  };
  await members.store.commit({ operations: [{ ...putRecord(key, {}), uid: 'one', value: JSON.stringify(object) }] });
  await vi.waitFor(() => expect(status()).toMatchObject({ error: noContainers }), patience);

  let writes = 0;
  closers.push(members.objects.watch(functionConfigs, members.objects.revision, () => void writes++));
  closers.push(await serve('127.0.0.1:1'), await serve('127.0.0.1:1'));
  // All of them have seen what any of them has written, and are done with it, some signs of life later.
  const before = members.objects.revision;
  await vi.waitFor(() => expect(members.objects.revision).toBeGreaterThan(before + 20), patience);
  expect(writes).toBe(0);

  await stop();
  await vi.waitFor(() => expect(status()).toEqual({ apiServerObservedGeneration: 1 }), patience);
});
