import { expect, test } from 'vitest';
import { functionFailure } from '../functions/reporting.ts';
import { failureReason } from './failure-reason.ts';

const error = (message: string, path?: string) => ({
  message,
  severity: 'error' as const,
  ...(path !== undefined && { file: { path } }),
});

test('says what the results say where the function itself has printed only that it failed', () => {
  const results = [
    { message: 'looked', severity: 'info' as const },
    error('replicas must be a number', 'web.yaml'),
    error('no name'),
  ];
  expect(failureReason({ stderr: 'function failure\n', exitCode: 1, results })).toBe(
    'function failure\n\treplicas must be a number (web.yaml)\n\tno name',
  );
  expect(failureReason({ exitCode: 3, results: [{ message: 'of unknown severity' }] })).toBe(
    'exit code 3\n\tof unknown severity',
  );
});

test('says what results that are no errors say where nothing else says why', () => {
  const results = [{ message: '`FunctionConfig` is not given', severity: 'info' as const }];
  expect(failureReason({ stderr: functionFailure, exitCode: 1, results })).toBe(
    `${functionFailure}\n\t\`FunctionConfig\` is not given`,
  );
  expect(failureReason({ exitCode: 1, results })).toBe('exit code 1\n\t`FunctionConfig` is not given');
  expect(failureReason({ stderr: 'no such field: x', exitCode: 1, results })).toBe('no such field: x');
  expect(failureReason({ stderr: functionFailure, exitCode: 1, results: [...results, error('no name')] })).toBe(
    `${functionFailure}\n\tno name`,
  );
});

test('repeats nothing that was printed, and stays short', () => {
  expect(failureReason({ stderr: 'no such field: x', exitCode: 1, results: [error('no such field: x')] })).toBe(
    'no such field: x',
  );
  const many = Array.from({ length: 1000 }, (_, n) => error(`${n}${'x'.repeat(10_000)}`));
  const reason = failureReason({ stderr: 'failed', exitCode: 1, results: many });
  expect(reason.length).toBeLessThan(2000);
  expect(reason).toMatch(/^failed\n\t0x+\.\.\.\n\t1x+\.\.\.\n\t2x+\.\.\.\n\tand 997 more$/);
});
