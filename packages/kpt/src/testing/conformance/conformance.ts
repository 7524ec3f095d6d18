import { outcomeProblems } from './check-outcome.ts';
import { type GoldenCase, goldenCases } from './golden-case.ts';
import { runCase } from './run-case.ts';
import { skipReason } from './skip-reason.ts';

/** How one case went. */
export type CaseVerdict =
  | { readonly verdict: 'pass' }
  | { readonly verdict: 'fail'; readonly problems: readonly string[] }
  | { readonly verdict: 'skip'; readonly reason: string };

/**
 * Runs one case, unless it needs what there is not.
 *
 * @param schemaDirectory - with schemas of Kubernetes, for functions that validate
 */
export async function judgeCase(golden: GoldenCase, schemaDirectory?: string): Promise<CaseVerdict> {
  const reason = skipReason(golden, schemaDirectory !== undefined);
  if (reason !== undefined) return { verdict: 'skip', reason };
  const problems = outcomeProblems(golden, await runCase(golden, schemaDirectory));
  return problems.length === 0 ? { verdict: 'pass' } : { verdict: 'fail', problems };
}

/**
 * Runs all golden cases below a folder and prints how each went, and at the end how many passed, failed and were skipped.
 *
 * @returns the exit code: 1 where a case failed or there is none
 */
export async function runConformance(
  folder: string,
  write: (text: string) => void,
  schemaDirectory?: string,
): Promise<number> {
  const counts = { pass: 0, fail: 0, skip: 0 };
  for (const golden of goldenCases(folder)) {
    const outcome = await judgeCase(golden, schemaDirectory);
    counts[outcome.verdict] += 1;
    write(`${outcome.verdict} ${golden.name}${outcome.verdict === 'skip' ? `: ${outcome.reason}` : ''}\n`);
    if (outcome.verdict === 'fail') for (const problem of outcome.problems) write(`${indented(problem)}\n`);
  }
  write(`${counts.pass} passed, ${counts.fail} failed, ${counts.skip} skipped\n`);
  return counts.fail > 0 || counts.pass + counts.skip === 0 ? 1 : 0;
}

function indented(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, '    ');
}
