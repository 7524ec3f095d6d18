import { renderNames } from './rendering/speed.ts';
import { delayNames } from './replicas/delay.ts';
import type { Goal, Measurement } from './results.ts';
import { busyReadName } from './scenarios/busy.ts';
import { synchronisationNames } from './scenarios/synchronise.ts';

/** What the server is meant to reach, worked out from what was measured at the smallest and the largest size. */
export function goalsOf(measurements: readonly Measurement[]): readonly Goal[] {
  const sizes = measurements.flatMap(({ size }) => size ?? []);
  return [
    ...renderGoals(measurements),
    ...replicaGoals(measurements),
    ...(sizes.length === 0 ? [] : serverGoals(measurements, sizes)),
  ];
}

function renderGoals(measurements: readonly Measurement[]): readonly Goal[] {
  const ratios = measurements.flatMap(({ name, summary, yardstick }) =>
    renderNames.includes(name) && yardstick !== undefined ? summary.p50 / yardstick.summary.p50 : [],
  );
  const value = ratios.length === 0 ? undefined : Math.max(...ratios);
  const text = 'render, against parsing and printing with `yaml`, at every size of package';
  return [{ text, limit: 2, value, unit: 'times' }];
}

function replicaGoals(measurements: readonly Measurement[]): readonly Goal[] {
  const value = measurements.find(({ name }) => name === delayNames.quiet)?.summary.p99;
  return [{ text: `${delayNames.quiet}, p99`, limit: 50, value, unit: 'ms' }];
}

function serverGoals(measurements: readonly Measurement[], sizes: readonly number[]): readonly Goal[] {
  const small = Math.min(...sizes);
  const large = Math.max(...sizes);
  const find = (name: string, size: number) => measurements.find((each) => each.name === name && each.size === size);
  const p50 = (name: string, size: number) => find(name, size)?.summary.p50;
  const quotient = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? undefined : a / b;
  const ratio = (name: string, size: number) => quotient(p50(name, size), find(name, size)?.yardstick?.summary.p50);
  const worstRatio = (name: string) => {
    const ratios = [...new Set(sizes)].flatMap((size) => ratio(name, size) ?? []);
    return ratios.length === 0 ? undefined : Math.max(...ratios);
  };
  const p99Ratios = (name: string) =>
    measurements.flatMap((each) =>
      each.name === name && each.yardstick !== undefined ? each.summary.p99 / each.yardstick.summary.p99 : [],
    );
  const busyRatios = p99Ratios(busyReadName);
  const growth = (of: (size: number) => number | undefined) =>
    small === large ? undefined : quotient(of(large), of(small));
  // What is left may be less than what two pushes differ by; a millisecond more or less says nothing then.
  const own = (size: number) => {
    const left = p50('approve, less the push of the same round', size);
    return left === undefined ? undefined : Math.max(1, left);
  };
  const seconds = quotient(p50('start, until ready', large), 1000);
  const span = `from ${small} to ${large} revisions`;
  const times = (text: string, limit: number, value: number | undefined): Goal => ({
    text,
    limit,
    value,
    unit: 'times',
  });
  return [
    times('approve, against a bare `git push --atomic`, at every size', 1.5, worstRatio('approve')),
    times(`approve without that push, growth ${span}`, 1.2, growth(own)),
    times('create a draft, against one durable SQLite commit, at every size', 10, worstRatio('create a draft')),
    times(
      'update files without pipeline, against one durable SQLite commit, at every size',
      10,
      worstRatio('update files, no pipeline'),
    ),
    times(
      'get while all workers render, p99 against p99 while none does',
      2,
      busyRatios.length === 0 ? undefined : Math.max(...busyRatios),
    ),
    times(
      `get, growth ${span}`,
      1.2,
      growth((size) => p50('get a revision', size)),
    ),
    times(
      `create, growth ${span}`,
      1.2,
      growth((size) => p50('create a draft', size)),
    ),
    times(`list of ${large}, against the same bytes from one buffer`, 3, ratio('list, plain', large)),
    times(
      `one change to 1000 watchers at ${large} revisions, against one buffer to 1000 streams`,
      3,
      ratio('change seen by 1000 watchers', large),
    ),
    times(
      `first synchronisation of ${large}, against \`git clone --mirror\``,
      2,
      ratio(synchronisationNames.first, large),
    ),
    times(
      `synchronisation of ${large} with nothing new, against \`git ls-remote\``,
      1.5,
      ratio(synchronisationNames.nothingNew, large),
    ),
    times(
      `synchronisation of ${large} with one new tag, against \`git fetch\``,
      2,
      ratio(synchronisationNames.oneTag, large),
    ),
    { text: `start with ${large} revisions in the store`, limit: 3, value: seconds, unit: 's' },
    {
      text: `memory when ready with ${large} revisions`,
      limit: 400,
      value: p50('memory when ready', large),
      unit: 'MB',
    },
  ];
}

/** Whether a goal was reached; undefined where it was not measured. */
export function isMet({ value, limit }: Goal): boolean | undefined {
  return value === undefined ? undefined : value <= limit;
}
