import { readFile } from 'node:fs/promises';
import {
  AuditLog,
  type AuditOptions,
  type AuditPolicy,
  defaultAuditPolicy,
  type Metrics,
  parseAuditPolicy,
} from '@porch/apiserver';
import type { Logger } from 'pino';
import { printedAudit } from './printed-audit.ts';
import type { AuditSettings } from './settings.ts';
import { StartupError } from './startup-error.ts';

/** An audit log, and what ends it. */
export interface OpenAudit {
  readonly options: AuditOptions;
  close(): Promise<void>;
}

async function readPolicy(path: string): Promise<AuditPolicy> {
  if (path === '') return defaultAuditPolicy;
  try {
    return parseAuditPolicy(await readFile(path, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartupError(`the audit policy ${path} cannot be used: ${why}`, { cause: error });
  }
}

/**
 * Opens the audit log that the settings ask for, if any. `output` is standard output.
 * @throws StartupError when the policy or the file cannot be used
 */
export async function openAudit(
  settings: AuditSettings,
  logger: Logger,
  output: Parameters<typeof printedAudit>[0],
  metrics: Metrics,
): Promise<OpenAudit | undefined> {
  const { logPath, policyFile, maxSizeMegabytes, maxAgeDays, maxBackups } = settings;
  const policy = await readPolicy(policyFile);
  if (logPath === '') return undefined;
  const lost = metrics.counter({
    name: 'apiserver_audit_error_total',
    help: 'Audit events that were lost because the log could not be written.',
    labels: ['plugin'],
  });
  const onLost = () => lost.add({ plugin: 'log' });
  if (logPath === '-') {
    return { options: { policy, sink: printedAudit(output, { logger, onLost }) }, close: async () => undefined };
  }
  const maxBytes = maxSizeMegabytes * 1024 * 1024;
  try {
    const log = await AuditLog.open({ path: logPath, maxBytes, maxAgeDays, maxBackups, logger, onLost, now: Date.now });
    return { options: { policy, sink: log }, close: () => log.close() };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartupError(
      `the audit log ${logPath} cannot be written: ${why}; choose another file with --audit-log-path`,
      {
        cause: error,
      },
    );
  }
}
