import type { AuditSink } from '../auth/audit/audit-event.ts';
import { AuditRecord } from '../auth/audit/audit-record.ts';
import { type AuditPolicy, decideAudit } from '../auth/audit/policy.ts';
import type { UserInfo } from '../auth/user.ts';
import { StatusError } from '../meta/status.ts';
import { connectionOf, type Exchange } from './exchange.ts';
import type { Filter } from './filter.ts';
import { attributesOf } from './filters.ts';
import { asStatusError } from './respond.ts';
import { sourceIpsOf } from './source-ips.ts';

/** What is recorded, and where. */
export interface AuditOptions {
  readonly policy: AuditPolicy;
  readonly sink: AuditSink;
}

const unknownUser: UserInfo = { name: '', groups: [] };

function recordOf(
  exchange: Exchange,
  user: UserInfo,
  options: AuditOptions,
  now: () => number,
): AuditRecord | undefined {
  const attributes = attributesOf(exchange);
  const decision = decideAudit(options.policy, user, attributes);
  if (decision.level === 'None') return undefined;
  const { auditId, userAgent, receivedAt } = exchange;
  const uri = exchange.request.url ?? '';
  const sourceIps = sourceIpsOf(exchange.headers, connectionOf(exchange.request)?.remoteAddress);
  return new AuditRecord(
    { auditId, uri, attributes, user, sourceIps, userAgent, receivedAt },
    decision,
    options.sink,
    now,
  );
}

function failed(record: AuditRecord, error: unknown, auditId: string): void {
  const { code, message, reason } = asStatusError(error, auditId);
  record.complete({ code, status: 'Failure', message, ...(reason === '' ? {} : { reason }) });
}

/** Records requests whose sender could not prove who they are. Stands outside of authentication. */
export function failedAuthenticationAuditFilter(options: AuditOptions, now: () => number): Filter {
  return async (exchange, next) => {
    try {
      await next();
    } catch (error) {
      const refused = error instanceof StatusError && error.code === 401 && exchange.authenticated !== true;
      const record = refused ? recordOf(exchange, unknownUser, options, now) : undefined;
      if (record !== undefined) failed(record, error, exchange.auditId);
      throw error;
    }
  };
}

/** Records who does what, and what comes of it. Stands between authentication and all that follows. */
export function auditFilter(options: AuditOptions, now: () => number): Filter {
  return async (exchange, next) => {
    exchange.authenticated = true;
    const record = recordOf(exchange, exchange.user, options, now);
    if (record === undefined) {
      await next();
      return;
    }
    exchange.audit = record;
    record.received();
    try {
      await next();
    } catch (error) {
      failed(record, error, exchange.auditId);
      throw error;
    }
    record.complete({ code: exchange.response.statusCode });
  };
}
