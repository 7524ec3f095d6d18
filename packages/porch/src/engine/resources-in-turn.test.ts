import type { Assembly, RequestContext, ServedObject } from '@porch/apiserver';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestContext } from '../api/request-context.test-support.ts';
import { createObjectCache } from './object-cache.ts';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await startTrial();
  await trial.addRepository('r');
  for (const name of ['p', 'q']) await trial.create('r', name, 'w');
});

afterAll(() => trial?.close());

/** What an assembly is asked for. */
function recorded(): { readonly context: RequestContext; readonly events: string[] } {
  const events: string[] = [];
  const assembly: Assembly = {
    async make(content, assemble) {
      events.push(`make ${content}`);
      await assemble();
      return await assemble();
    },
    taken: () => void events.push('taken'),
  };
  return { context: { ...requestContext(), assembly }, events };
}

test('resources are made when it is their turn, one after the other, and may be made again', async () => {
  const { packageRevisionResources: reads } = createObjectCache(trial.parts);
  const { context, events } = recorded();
  const contents = ['r.p.w', 'r.q.w'].map((name) => trial.parts.cache.packageRevision('default', name)?.content);
  const { items } = await reads.list(context, { limit: 0 });
  expect(events).toEqual([]);
  const listed: ServedObject[] = [];
  for await (const item of items) listed.push(item);
  expect(listed.map(({ key }) => key.name)).toEqual(['r.p.w', 'r.q.w']);
  expect(events).toEqual([...contents.map((content) => `make ${content}`), 'taken']);
  const found = await reads.get(context, 'r.p.w');
  expect(found.bytes.equals(listed[0]?.bytes ?? Buffer.alloc(0))).toBe(true);
  expect(events.at(-1)).toBe(`make ${contents[0]}`);
});

test('a list that is left has no turn any more', async () => {
  const { context, events } = recorded();
  const { items } = await createObjectCache(trial.parts).packageRevisionResources.list(context, { limit: 0 });
  for await (const _ of items) break;
  expect(events.map((event) => event.split(' ')[0])).toEqual(['make', 'taken']);
});
