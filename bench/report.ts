import { isMet } from './goals.ts';
import type { Goal, Measurement, Results } from './results.ts';

/** The results as Markdown. */
export function markdown({ run, goals, measurements }: Results): string {
  return [
    '# Benchmark results',
    '',
    `${run.date}, ${run.machine}, Node.js ${run.node}, ${run.git}; ${run.quick ? 'quick run' : 'full run'} of ${run.seconds} s.`,
    'Server, Git server (smart HTTP, `git http-backend` over bare repositories), plain sender and load generator are processes of',
    'their own on this one machine; all traffic is on loopback. Every yardstick was measured in turn with what is held against it.',
    '',
    '## Goals',
    '',
    table(
      ['Goal', 'Limit', 'Measured', ''],
      goals.map((goal) => [goal.text, amount(goal.limit, goal), measuredValue(goal), verdict(goal)]),
    ),
    '',
    '## Measurements',
    '',
    table(
      ['Operation', 'Revisions', 'n', 'p50', 'p95', 'p99', 'Yardstick, p50', 'Ratio', 'Note'],
      inOrder(measurements).map((each) => row(each)),
    ),
    '',
  ].join('\n');
}

/** The same operation at all sizes stands together, in the order in which operations were first measured. */
function inOrder(measurements: readonly Measurement[]): readonly Measurement[] {
  return [...Map.groupBy(measurements, ({ name }) => name).values()].flat();
}

function row({ name, size, unit, summary, yardstick, note }: Measurement): string[] {
  return [
    name,
    size === undefined ? '' : String(size),
    String(summary.count),
    `${digits(summary.p50)} ${unit}`,
    `${digits(summary.p95)} ${unit}`,
    `${digits(summary.p99)} ${unit}`,
    yardstick === undefined ? '' : `${yardstick.name}: ${digits(yardstick.summary.p50)} ${unit}`,
    yardstick === undefined ? '' : digits(summary.p50 / yardstick.summary.p50),
    note ?? '',
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function measuredValue(goal: Goal): string {
  return goal.value === undefined ? 'not measured' : amount(goal.value, goal);
}

function verdict(goal: Goal): string {
  const met = isMet(goal);
  return met === undefined ? '' : met ? 'met' : '**not met**';
}

function amount(value: number, { unit }: Goal): string {
  return unit === 'times' ? `${digits(value)} times` : `${digits(value)} ${unit}`;
}

function digits(value: number): string {
  const decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(decimals);
}
