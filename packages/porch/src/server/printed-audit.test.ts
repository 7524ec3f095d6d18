import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { AuditEvent } from '@porch/apiserver';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { printedAudit } from './printed-audit.ts';

const event = (auditID: string) => ({ auditID }) as AuditEvent;

/** An audit log on an output, with what was said of losses. */
function auditOn(output: Writable, maxWaitingBytes?: number) {
  const said: string[] = [];
  let lost = 0;
  const sink = printedAudit(output as unknown as NodeJS.WriteStream, {
    logger: pino({ base: null }, { write: (line) => void said.push(JSON.parse(line).err.message) }),
    onLost: () => lost++,
    ...(maxWaitingBytes !== undefined && { maxWaitingBytes }),
  });
  return { sink, said, lost: () => lost };
}

test('events are lines; those that nobody reads are lost, and counted, when too many wait', async () => {
  const lines: string[] = [];
  let next: (() => void) | undefined;
  const output = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, taken) {
      lines.push(chunk);
      next = taken;
    },
  });
  const { sink, said, lost } = auditOn(output, 60);
  for (const id of ['1', '2', '3', '4', '5']) sink.write(event(id));
  expect([lost(), said]).toEqual([2, ['nobody reads it']]);
  while (lines.length < 3) next?.();
  next?.();
  sink.write(event('6'));
  next?.();
  output.end();
  await finished(output);
  expect(lines).toEqual(['1', '2', '3', '6'].map((id) => `{"auditID":"${id}"}\n`));
  expect(lost()).toBe(2);
});

test('events that cannot be written are lost, and counted', async () => {
  const output = new Writable({ autoDestroy: false, write: (_chunk, _encoding, taken) => taken(new Error('full')) });
  output.on('error', () => undefined);
  const { sink, said, lost } = auditOn(output);
  sink.write(event('1'));
  await finished(output).catch(() => undefined);
  expect([lost(), said]).toEqual([1, ['full']]);
});
