import { pino } from 'pino';
import { expect, it } from 'vitest';
import { publishAuthorities } from './publish-authorities.ts';

it('tells of the newest authorities last, however long the cluster takes to hear of those before', async () => {
  const known = new Map<string, string>();
  const slow = Promise.withResolvers<void>();
  let asked = 0;
  const cluster = {
    async apply<T>(path: string, object: unknown): Promise<T> {
      if (asked++ === 0) await slow.promise;
      const [, bundle = ''] = /"caBundle":"([^"]+)"/.exec(JSON.stringify(object)) ?? [];
      known.set(path, Buffer.from(bundle, 'base64').toString());
      return object as T;
    },
  };
  const publisher = publishAuthorities(cluster, 'old', pino({ level: 'silent' }));
  try {
    const told = publisher.publish('new');
    // Long enough for whatever does not wait.
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    slow.resolve();
    await told;
    expect([...known.values()]).toEqual(['new', 'new']);
  } finally {
    publisher.close();
  }
});
