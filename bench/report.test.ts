import { expect, test } from 'vitest';
import { goalsOf, isMet } from './goals.ts';
import { delayNames } from './replicas/delay.ts';
import { markdown } from './report.ts';
import type { Measurement, Results } from './results.ts';

function measurement(name: string, size: number, p50: number, yardstick?: number): Measurement {
  const summary = (value: number) => ({ count: 3, p50: value, p95: value * 2, p99: value * 3 });
  const compared = yardstick === undefined ? {} : { yardstick: { name: 'simple', summary: summary(yardstick) } };
  return { name, size, unit: 'ms', summary: summary(p50), ...compared };
}

const measured = [
  measurement('approve', 10, 60, 50),
  measurement('approve', 1000, 112, 100),
  measurement('approve, less the push of the same round', 10, 10),
  measurement('approve, less the push of the same round', 1000, 12),
  measurement('get a revision', 10, 1),
  measurement('get a revision', 1000, 1.5),
  measurement('start, until ready', 1000, 2500),
];

test('goals come from the smallest and the largest size, and from the worst ratio', () => {
  const found = Object.fromEntries(goalsOf(measured).map((goal) => [goal.text, [goal.value, isMet(goal)]]));
  expect(found).toMatchObject({
    'approve, against a bare `git push --atomic`, at every size': [1.2, true],
    'approve without that push, growth from 10 to 1000 revisions': [1.2, true],
    'get, growth from 10 to 1000 revisions': [1.5, false],
    'start with 1000 revisions in the store': [2.5, true],
    'memory when ready with 1000 revisions': [undefined, undefined],
  });
});

test('goals of rendering and of several servers need no size', () => {
  const render = (name: string, p50: number, yardstick: number) => ({
    ...measurement(name, 0, p50, yardstick),
    size: undefined,
  });
  const name = 'render 10 resources, one function';
  const delay = { ...measurement(delayNames.quiet, 0, 10), size: undefined };
  expect(goalsOf([render(name, 30, 20), render('render 100 resources, five functions', 50, 20), delay])).toEqual([
    {
      text: 'render, against parsing and printing with `yaml`, at every size of package',
      limit: 2,
      value: 2.5,
      unit: 'times',
    },
    { text: 'change through one server, seen at another, p99', limit: 50, value: 30, unit: 'ms' },
  ]);
});

test('one size shows no growth', () => {
  const growths = goalsOf([measurement('get a revision', 10, 1)]).filter(({ text }) => text.includes('growth'));
  expect(growths.length).toBeGreaterThan(0);
  expect(growths.map(({ value }) => value)).toEqual(growths.map(() => undefined));
});

test('the report says what was met, what was not, and what was not measured', () => {
  const results: Results = {
    run: { date: 'today', node: 'v1', git: 'git 1', machine: '2 cores', sizes: [10, 1000], quick: false, seconds: 9 },
    goals: goalsOf(measured),
    measurements: measured,
  };
  const text = markdown(results);
  expect(text).toContain('| get, growth from 10 to 1000 revisions | 1.20 times | 1.50 times | **not met** |');
  expect(text).toContain('| memory when ready with 1000 revisions | 400 MB | not measured |  |');
  expect(text).toContain('| approve | 1000 | 3 | 112 ms | 224 ms | 336 ms | simple: 100 ms | 1.12 |  |');
  expect(text.indexOf('| approve | 1000 |')).toBeLessThan(text.indexOf('| get a revision | 10 |'));
});
