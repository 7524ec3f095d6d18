import { expect, it } from 'vitest';
import { summarizeTests } from './test-report.ts';

const file = (status: string, ...tests: string[]) => ({
  name: 'a.test.ts',
  status,
  assertionResults: tests.map((each, index) => ({
    fullName: `group ${index}`,
    status: each,
    failureMessages: each === 'failed' ? ['Error: no', '  at b.ts'] : [],
  })),
});

it('counts tests by what became of them, and names those that failed', () => {
  const testResults = [file('passed', 'passed', 'passed', 'skipped'), file('failed', 'failed', 'passed', 'todo')];
  expect(summarizeTests(JSON.stringify({ testResults }))).toEqual({
    passed: 3,
    failed: [{ file: 'a.test.ts', test: 'group 0', message: 'Error: no\n  at b.ts' }],
    skipped: 2,
  });
});

it('counts a file that failed without a failing test', () => {
  const testResults = [
    { ...file('failed'), message: 'no such module' },
    file('failed', 'skipped'),
    file('passed', 'passed'),
  ];
  expect(summarizeTests(JSON.stringify({ testResults }))).toEqual({
    passed: 1,
    failed: [
      { file: 'a.test.ts', test: '', message: 'no such module' },
      { file: 'a.test.ts', test: '', message: '' },
    ],
    skipped: 1,
  });
});
