import type { Metrics } from '../../metrics/metrics.ts';
import type { AuditSink } from './audit-event.ts';

/** The same sink, with what is written to it counted. */
export function countEvents(sink: AuditSink, metrics: Metrics): AuditSink {
  const events = metrics.counter({ name: 'apiserver_audit_event_total', help: 'Audit events that were made.' });
  const levels = metrics.counter({
    name: 'apiserver_audit_level_total',
    help: 'Requests that were recorded in the audit log, by level.',
    labels: ['level'],
  });
  return {
    write(event) {
      events.add({});
      if (event.stage === 'ResponseComplete') levels.add({ level: event.level });
      sink.write(event);
    },
  };
}
