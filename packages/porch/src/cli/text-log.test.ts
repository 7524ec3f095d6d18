import { expect, test } from 'vitest';
import { textLine } from './text-log.ts';

test('a line has time, level, message and fields', () => {
  const line = { level: 30, time: Date.UTC(2026, 0, 2), msg: 'synced', repository: 'a/b', took: 3, text: 'two words' };
  expect(textLine(JSON.stringify(line))).toBe(
    '2026-01-02T00:00:00.000Z INFO  synced repository=a/b took=3 text="two words"\n',
  );
});

test('an error is followed by its stack', () => {
  const line = { level: 50, time: 0, msg: 'failed', err: { type: 'Error', message: 'x', stack: 'Error: x\n  at y' } };
  expect(textLine(JSON.stringify(line))).toBe('1970-01-01T00:00:00.000Z ERROR failed\n    Error: x\n      at y\n');
});

test('a message cannot forge a line', () => {
  const line = { level: 40, time: 0, msg: 'a\n2026 ERROR b', name: 'x\ny' };
  expect(textLine(JSON.stringify(line)).split('\n')).toHaveLength(2);
});
