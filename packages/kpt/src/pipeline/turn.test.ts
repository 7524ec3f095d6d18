import { expect, it } from 'vitest';
import { Slots } from './slots.ts';
import { Turn, type TurnPlaces } from './turn.ts';

const hourMs = 3_600_000;
const placesFor = (longAfterMs: number): TurnPlaces => ({ running: new Slots(1), long: new Slots(1), longAfterMs });
/** Until a timer that was set before has fired: Node.js fires those of one time in the order in which they were set. */
const timersFire = () => new Promise((resolve) => setTimeout(resolve, 1)).then(() => new Promise(setImmediate));
const endedEarly = new Error('ended early');

it('one that runs for long lets others run beside it, but no more than there are places for', async () => {
  const places = placesFor(1);
  const [first, second, third] = [1, 2, 3].map(() => new Turn(places, hourMs));
  await first?.begin(undefined);
  await second?.begin(undefined);
  const order: string[] = [];
  const begun = third?.begin(undefined).then(() => order.push('third begins'));
  // The one place for those that run for long is taken.
  await timersFire();
  order.push('first ends');
  first?.end();
  await begun;
  expect(order).toEqual(['first ends', 'third begins']);
  second?.end();
  third?.end();
  expect([places.running.tryTake(), places.running.tryTake()]).toEqual([true, false]);
  expect([places.long.tryTake(), places.long.tryTake()]).toEqual([true, false]);
});

it('one that ends before that gives back the place where it began', async () => {
  const places = placesFor(hourMs);
  const turn = new Turn(places, hourMs);
  await turn.begin(undefined);
  expect(places.running.tryTake()).toBe(false);
  turn.pause();
  await turn.begin(undefined);
  turn.end();
  turn.end();
  expect([places.running.tryTake(), places.running.tryTake()]).toEqual([true, false]);
});

it('one that ends in the moment in which it is given another place gives back both', async () => {
  const places = placesFor(1);
  await places.long.take();
  const turn = new Turn(places, hourMs);
  await turn.begin(undefined);
  await timersFire();
  places.long.release();
  turn.pause();
  await turn.begin(undefined);
  turn.end();
  expect([places.running.tryTake(), places.running.tryTake()]).toEqual([true, false]);
  expect([places.long.tryTake(), places.long.tryTake()]).toEqual([true, false]);
});

it('one that has ended while it waited for a place has none', async () => {
  const places = placesFor(hourMs);
  await places.running.take();
  const [ended, aborted] = [new Turn(places, hourMs), new Turn(places, hourMs)];
  const controller = new AbortController();
  const waiting = [ended.begin(undefined), aborted.begin(controller.signal)];
  ended.end();
  controller.abort(endedEarly);
  places.running.release();
  expect(await Promise.allSettled(waiting)).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: endedEarly },
  ]);
  expect([places.running.tryTake(), places.running.tryTake()]).toEqual([true, false]);
});

it('its time passes while it runs, also beside others', async () => {
  const places = placesFor(1);
  const turn = new Turn(places, 20);
  await turn.begin(undefined);
  const ended = turn.endedBy(undefined);
  await new Promise((resolve) => ended.addEventListener('abort', resolve));
  expect(turn.tookTooLong).toBe(true);
  turn.end();
});
