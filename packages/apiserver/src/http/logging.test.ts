import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { statusErrors } from '../meta/status.ts';
import { http2Client } from './trial-client.test-support.ts';
import { startTrialServer } from './trial-server.test-support.ts';

it('logs what clients bring about in a line, and what is broken with its cause', async () => {
  const lines: { level: number; path: string; reason?: string; err?: { message: string; stack: string } }[] = [];
  const log = new Writable({
    write(line, _, done) {
      lines.push(JSON.parse(String(line)));
      done();
    },
  });
  const errors: Record<string, Error> = {
    '/late': statusErrors.tooLargeResourceVersion(9, 1),
    '/away': statusErrors.serviceUnavailable('the store is away', { cause: new Error('refused') }),
    '/broken': new Error('broken'),
  };
  const trial = await startTrialServer({
    logger: pino({ level: 'warn' }, log),
    authorizer: {
      async authorize(_, attributes) {
        throw errors[attributes.type === 'path' ? attributes.path : ''] ?? new Error('another path');
      },
    },
  });
  const client = http2Client(trial, trial.admin);
  const codes = [];
  for (const path of Object.keys(errors)) codes.push((await client.send(path)).status);
  expect(codes).toEqual([504, 503, 500]);
  client.close();
  await trial.close();
  expect(lines.map(({ level, path, reason, err }) => [level, path, reason ?? err?.message.split(':')[0]])).toEqual([
    [pino.levels.values['warn'], '/late', 'Timeout: Too large resource version: 9, current: 1'],
    [pino.levels.values['error'], '/away', 'the store is away'],
    [pino.levels.values['error'], '/broken', 'broken'],
  ]);
});
