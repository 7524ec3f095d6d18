/** How the ends of work are called in metrics. */
export interface Outcomes<T> {
  /** What comes of it; `ok` unless given. */
  readonly result?: (result: T) => string;
  readonly failure: (error: unknown) => string;
}

/** Runs work, and says how it ended and how many seconds it took. */
export async function timed<T>(
  work: () => Promise<T>,
  outcomes: Outcomes<T>,
  record: (outcome: string, seconds: number) => void,
): Promise<T> {
  const begun = performance.now();
  let outcome = 'ok';
  try {
    const result = await work();
    outcome = outcomes.result?.(result) ?? outcome;
    return result;
  } catch (error) {
    outcome = outcomes.failure(error);
    throw error;
  } finally {
    record(outcome, (performance.now() - begun) / 1000);
  }
}
