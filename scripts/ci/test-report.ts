/** What of vitest's JSON report is read. */
interface Report {
  readonly testResults: readonly {
    /** Path of the file. */
    readonly name: string;
    readonly status: string;
    /** Why the file could not be run, where it could not. */
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

/** A test that failed, or a file that failed before any of its tests could run. */
export interface FailedTest {
  /** Path of the file. */
  readonly file: string;
  /** The test with its groups; empty for a file. */
  readonly test: string;
  readonly message: string;
}

/** How many tests went well, and which did not. */
export interface TestSummary {
  readonly passed: number;
  readonly failed: readonly FailedTest[];
  readonly skipped: number;
}

/** Sums a report up. A file that failed before any of its tests could run counts as one failure. */
export function summarizeTests(json: string): TestSummary {
  const { testResults } = JSON.parse(json) as Report;
  const failed: FailedTest[] = [];
  let [passed, skipped] = [0, 0];
  for (const { name: file, status, message = '', assertionResults } of testResults) {
    const failures = assertionResults.filter((test) => test.status === 'failed');
    const successes = assertionResults.filter((test) => test.status === 'passed').length;
    for (const { fullName, failureMessages } of failures) {
      failed.push({ file, test: fullName, message: (failureMessages ?? []).join('\n') });
    }
    if (failures.length === 0 && status === 'failed') failed.push({ file, test: '', message });
    passed += successes;
    skipped += assertionResults.length - failures.length - successes;
  }
  return { passed, failed, skipped };
}
