/**
 * Reads what `git push --porcelain` writes: one line for each reference.
 */

/** What git said of one reference. */
export interface PushedReference {
  /** `lost`: sent, but the remote did not say what became of it. */
  readonly state: 'accepted' | 'rejected' | 'lost';
  readonly reason: string;
}

/** The answers by reference name. */
export function parsePushReport(output: string): ReadonlyMap<string, PushedReference> {
  const references = new Map<string, PushedReference>();
  for (const line of output.split('\n')) {
    const [flag, refs, summary] = line.split('\t');
    if (flag?.length !== 1 || refs === undefined || summary === undefined) continue;
    const name = refs.slice(refs.indexOf(':') + 1);
    if (flag !== '!') references.set(name, { state: 'accepted', reason: '' });
    else if (summary.startsWith('[remote failure]')) references.set(name, { state: 'lost', reason: summary });
    else references.set(name, { state: 'rejected', reason: /\((.*)\)$/.exec(summary)?.[1] ?? summary });
  }
  return references;
}
