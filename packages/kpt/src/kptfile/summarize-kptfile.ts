import { kptfileName } from '../package/files.ts';
import { PackageError } from '../pipeline/job.ts';
import type { Kptfile } from './kptfile.ts';
import { KptfileReader } from './kptfile-reader.ts';
import type { KptfileCondition, KptfileSummary, KptfileUpstreamLock } from './types.ts';

/** What the server shows of a package's Kptfile; `text` undefined means the package has none. Never throws. */
export function summarizeKptfile(text: string | undefined, kptfiles = new KptfileReader()): KptfileSummary {
  if (text === undefined) return unreadable('the package has no Kptfile');
  try {
    return summaryOf(kptfiles.read(kptfileName, text).content);
  } catch (error) {
    if (error instanceof PackageError) return unreadable(error.message);
    throw error;
  }
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
