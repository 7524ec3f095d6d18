/** Sums up the JSON reports of test runs, given by path, and names at the end what failed; a report that is missing is a failure. */
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { type FailedTest, summarizeTests } from './test-report.ts';

/** Lines of an error that are shown of one test. */
const mostLines = 12;

const failed: FailedTest[] = [];
let [passed, skipped] = [0, 0];
for (const path of process.argv.slice(2)) {
  if (!existsSync(path)) {
    process.stderr.write(`ci: there is no report ${path}\n`);
    process.exitCode = 1;
    continue;
  }
  const summary = summarizeTests(readFileSync(path, 'utf8'));
  passed += summary.passed;
  failed.push(...summary.failed);
  skipped += summary.skipped;
}
for (const { file, test, message } of failed) {
  const lines = message.split('\n').slice(0, mostLines);
  process.stdout.write(`ci: failed: ${relative('.', file)}: ${test}\n${lines.map((line) => `  ${line}\n`).join('')}`);
}
if (skipped > 0) process.stdout.write(`ci: ${skipped} tests were skipped\n`);
process.stdout.write(`${passed} passed, ${failed.length} failed\n`);
if (failed.length > 0) process.exitCode = 1;
