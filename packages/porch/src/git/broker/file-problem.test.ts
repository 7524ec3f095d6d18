import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileProblem } from './file-problem.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'file-problem-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function errorOf(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('it has not failed');
}

test('what stands in the way is named', () => {
  const isDirectory = errorOf(() => writeFileSync(directory, ''));
  expect(fileProblem(isDirectory)).toBe(
    `${directory} cannot be used: a directory stands where a file is needed; move it away`,
  );
});

test.skipIf(process.platform !== 'linux')('where the error names nothing, the place is', () => {
  const file = openSync('/dev/full', 'w');
  const full = errorOf(() => writeSync(file, 'x'));
  closeSync(file);
  expect(fileProblem(full, directory)).toBe(`${directory} cannot be used: the disk is full; make room on it`);
  expect(fileProblem(full)).toBeUndefined();
});

test('other errors are left to others', () => {
  const missing = errorOf(() => readFileSync(join(directory, 'none')));
  const spawned = Object.assign(new Error('spawn git EACCES'), { code: 'EACCES', syscall: 'spawn git', path: 'git' });
  for (const error of [missing, spawned, new Error('x'), 'text']) {
    expect(fileProblem(error, directory)).toBeUndefined();
  }
});
