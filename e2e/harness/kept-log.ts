import { Writable } from 'node:stream';
import pino, { type Level, type Logger } from 'pino';

/** A log that a test can read. */
export interface KeptLog {
  readonly logger: Logger;
  /** All that was logged, as lines of JSON. */
  readonly text: string;
}

/** Keeps what is logged at a level and above it. */
export function keptLog(level: Level): KeptLog {
  let text = '';
  const output = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return {
    logger: pino({ level }, output),
    get text() {
      return text;
    },
  };
}
