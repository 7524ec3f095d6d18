import type { AuditSink } from '@porch/apiserver';
import type { Logger } from 'pino';

/** What hears of the events of a printed audit log that are lost. */
export interface PrintedAuditOptions {
  readonly logger: Pick<Logger, 'error'>;
  /** Hears of each one. */
  readonly onLost: () => void;
  /** Most bytes that wait for whoever reads; beyond that, events are lost. */
  readonly maxWaitingBytes?: number;
}

const defaultWaitingBytes = 64 * 1024 * 1024;

/** Audit events as lines of JSON on a stream, such as standard output. The requests never wait for its reader. */
export function printedAudit(
  output: Pick<NodeJS.WriteStream, 'write' | 'writableLength'>,
  { logger, onLost, maxWaitingBytes = defaultWaitingBytes }: PrintedAuditOptions,
): AuditSink {
  let losing = false;
  const lose = (err: Error): void => {
    onLost();
    if (!losing) logger.error({ err }, 'the audit log cannot be printed; events are lost until it can be');
    losing = true;
  };
  return {
    write(event) {
      const line = `${JSON.stringify(event)}\n`;
      if (output.writableLength + line.length > maxWaitingBytes) lose(new Error('nobody reads it'));
      else {
        output.write(line, (error) => {
          if (error) lose(error);
          else losing = false;
        });
      }
    },
  };
}
