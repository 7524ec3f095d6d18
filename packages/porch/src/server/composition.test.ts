import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openComposition } from './composition.ts';
import type { Settings } from './settings.ts';

test('parts end in reverse order, also when one of them cannot', async () => {
  const logger = pino({ level: 'silent' });
  const unused = {} as Settings & Parameters<typeof openComposition>[2];
  const composition = openComposition(unused, logger, unused, (work) => work());
  const ended: string[] = [];
  composition.onClose(() => ended.push('store'));
  composition.onClose(() => Promise.reject(new Error('the queue is stuck')));
  composition.onClose(() => ended.push('server'));
  await expect(composition.close()).rejects.toThrow('the queue is stuck');
  expect(ended).toEqual(['server', 'store']);
  await composition.close();
  expect(ended).toHaveLength(2);
});
