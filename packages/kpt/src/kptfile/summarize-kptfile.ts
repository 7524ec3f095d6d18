import { kptfileName } from '../package/files.ts';
import { PackageError } from '../pipeline/job.ts';
import type { Kptfile } from './kptfile.ts';
import type { KptfileReader } from './kptfile-reader.ts';
import { readKptfile, readUsualKptfile } from './read-kptfile.ts';
import type { KptfileCondition, KptfileSummary, KptfileUpstreamLock } from './types.ts';

/** Characters of JSON that a summary has at most where any number of revisions may share a Kptfile, unless there is less room. */
const mostShared = 64 * 1024;
/** Characters that are left of a condition's message where there are more. */
const mostOfMessage = 1024;

/**
 * What the server shows of a package's Kptfile; `text` undefined means the package has none. Never throws.
 *
 * @param kptfiles - has read it already, maybe
 */
export function summarizeKptfile(text: string | undefined, kptfiles?: KptfileReader): KptfileSummary {
  if (text === undefined) return unreadable('the package has no Kptfile');
  try {
    return summaryOf(kptfiles?.read(kptfileName, text).content ?? contentOf(text));
  } catch (error) {
    if (error instanceof PackageError) return unreadable(error.message);
    throw error;
  }
}

function contentOf(text: string): Kptfile {
  return readUsualKptfile(text) ?? readKptfile(kptfileName, text).content;
}

/**
 * What is shown of a Kptfile in Git, where thousands of references cost nothing and each has a summary of its own. In one that is too long
 * the messages of conditions are cut; where that does not help, the Kptfile counts as unreadable. The same object where it is short enough.
 *
 * @param most - characters of JSON
 */
export function sharedSummary(summary: KptfileSummary, most = mostShared): KptfileSummary {
  if (hasAtMost(summary, most)) return summary;
  const cut = { ...summary, conditions: summary.conditions.map(withShortMessage) };
  if (hasAtMost(cut, most)) return cut;
  return unreadable(`its metadata, readiness gates, conditions and upstream have more than ${most} characters`);
}

function hasAtMost(summary: KptfileSummary, most: number): boolean {
  return JSON.stringify(summary).length <= most;
}

function withShortMessage(condition: KptfileCondition): KptfileCondition {
  const { message } = condition;
  if (message === undefined || message.length <= mostOfMessage) return condition;
  return { ...condition, message: `${message.slice(0, mostOfMessage)}...` };
}

function unreadable(error: string): KptfileSummary {
  return { name: '', labels: {}, annotations: {}, readinessGates: [], conditions: [], error };
}

function summaryOf(content: Kptfile): KptfileSummary {
  const lock = lockOf(content);
  return {
    name: content.metadata?.name ?? '',
    labels: { ...content.metadata?.labels },
    annotations: { ...content.metadata?.annotations },
    readinessGates: (content.info?.readinessGates ?? []).map((gate) => ({ conditionType: gate.conditionType ?? '' })),
    conditions: (content.status?.conditions ?? []).map(conditionOf),
    ...(lock !== undefined && { upstreamLock: lock }),
  };
}

function conditionOf(condition: Partial<KptfileCondition>): KptfileCondition {
  const { type = '', status, reason, message } = condition;
  return {
    type,
    status: status === 'True' || status === 'False' ? status : 'Unknown',
    ...(reason !== undefined && { reason }),
    ...(message !== undefined && { message }),
  };
}

function lockOf({ upstream, upstreamLock }: Kptfile): KptfileUpstreamLock | undefined {
  if (upstream?.git === undefined || upstreamLock?.git === undefined) return undefined;
  const { repo = '', directory = '', ref = '', commit = '' } = upstreamLock.git;
  return { type: 'git', git: { repo, directory, ref, commit } };
}
