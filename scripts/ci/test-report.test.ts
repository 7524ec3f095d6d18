import { expect, it } from 'vitest';
import { countTests } from './test-report.ts';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});

it('counts tests by what became of them', () => {
  const testResults = [file('passed', 'passed', 'passed', 'skipped'), file('failed', 'failed', 'passed', 'todo')];
  expect(countTests(JSON.stringify({ testResults }))).toEqual({ passed: 3, failed: 1, skipped: 2 });
});

it('counts a file that failed without a failing test', () => {
  const testResults = [file('failed'), file('failed', 'skipped'), file('passed', 'passed')];
  expect(countTests(JSON.stringify({ testResults }))).toEqual({ passed: 1, failed: 2, skipped: 1 });
});
