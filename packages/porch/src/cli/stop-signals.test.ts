import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { listenForStop } from './stop-signals.ts';

function listen() {
  const exits: number[] = [];
  const target = Object.assign(new EventEmitter(), { exit: (code: number) => void exits.push(code) });
  const clock = { now: 0 };
  const signals = listenForStop(target as unknown as NodeJS.Process, () => clock.now);
  return { signals, target, exits, clock };
}

test('the echo of a signal ends nothing, also when what it stopped has ended', async () => {
  const { signals, target, exits, clock } = listen();
  target.emit('SIGTERM');
  expect(await signals.stopped).toBe('SIGTERM');
  target.emit('SIGTERM');
  signals.release();
  clock.now = 900;
  expect(target.emit('SIGTERM')).toBe(true);
  expect(exits).toEqual([]);
  clock.now = 1100;
  target.emit('SIGINT');
  expect(exits).toEqual([130]);
});

test('without a signal they are as before', () => {
  const { signals, target } = listen();
  signals.release();
  expect(target.eventNames()).toEqual([]);
});
