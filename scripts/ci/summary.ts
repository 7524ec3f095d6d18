/** Adds up the JSON reports of test runs, given by path; one that is missing is a failure. */
import { existsSync, readFileSync } from 'node:fs';
import { countTests } from './test-report.ts';

let [passed, failed, skipped] = [0, 0, 0];
for (const path of process.argv.slice(2)) {
  if (!existsSync(path)) {
    process.stderr.write(`ci: there is no report ${path}\n`);
    process.exitCode = 1;
    continue;
  }
  const count = countTests(readFileSync(path, 'utf8'));
  passed += count.passed;
  failed += count.failed;
  skipped += count.skipped;
}
if (skipped > 0) process.stdout.write(`ci: ${skipped} tests were skipped\n`);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
if (failed > 0) process.exitCode = 1;
