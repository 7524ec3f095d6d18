/** What of vitest's JSON report is counted. */
interface Report {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** How many tests went well and how many did not. */
export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Counts the tests of a report. A file that failed before any of its tests could run counts as one failure. */
export function countTests(json: string): TestCount {
  const { testResults } = JSON.parse(json) as Report;
  let [passed, failed, skipped] = [0, 0, 0];
  for (const { status, assertionResults } of testResults) {
    const failures = assertionResults.filter((test) => test.status === 'failed').length;
    const successes = assertionResults.filter((test) => test.status === 'passed').length;
    failed += failures === 0 && status === 'failed' ? 1 : failures;
    passed += successes;
    skipped += assertionResults.length - failures - successes;
  }
  return { passed, failed, skipped };
}
