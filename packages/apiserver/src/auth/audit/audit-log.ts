import { type FileHandle, open } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { AuditEvent, AuditSink } from './audit-event.ts';
import { type RotationOptions, rotateFile } from './rotate-file.ts';

/** Where audit events are written, and when a new file is begun. */
export interface AuditLogOptions extends RotationOptions {
  readonly path: string;
  /** A file that would become larger is put aside and a new one begun. */
  readonly maxBytes: number;
  readonly logger: Pick<Logger, 'error'>;
  /** Hears of each event that is lost. */
  readonly onLost: () => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Most bytes that wait for a disk that is slow or full; beyond that, events are lost and the server's log says how many. */
const maxWaitingBytes = 64 * 1024 * 1024;
const retryMs = 1000;

/** Audit events as lines of JSON in a file. The requests never wait for the disk. */
export class AuditLog implements AuditSink {
  readonly #options: AuditLogOptions;
  #file: FileHandle | undefined;
  #size = 0;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #lost = 0;
  #writing: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;

  private constructor(options: AuditLogOptions) {
    this.#options = options;
  }

  /** Opens the file, to go on where it ends. @throws Error when it cannot be written */
  static async open(options: AuditLogOptions): Promise<AuditLog> {
    const log = new AuditLog(options);
    await log.#open();
    return log;
  }

  write(event: AuditEvent): void {
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    if (this.#waitingBytes + line.length > maxWaitingBytes) {
      this.#lost++;
      this.#options.onLost();
      return;
    }
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    if (this.#retry === undefined) this.#wake();
  }

  /** Writes what waits, then closes. */
  async close(): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    while (this.#writing !== undefined) await this.#writing;
    await this.#flush();
    await this.#file?.close();
  }

  #wake(): void {
    this.#writing ??= this.#flush().finally(() => {
      this.#writing = undefined;
      if (this.#waiting.length > 0 && this.#retry === undefined) this.#wake();
    });
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const taken = this.#take();
      try {
        await this.#append(taken);
      } catch (error) {
        this.#failed(taken, error);
        return;
      }
    }
  }

  /** As many lines as the file still has room for, one at least. */
  #take(): Buffer[] {
    const { maxBytes } = this.#options;
    let bytes = 0;
    let count = 0;
    for (const line of this.#waiting) {
      if (count > 0 && this.#size + bytes + line.length > maxBytes) break;
      bytes += line.length;
      count++;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  async #append(lines: readonly Buffer[]): Promise<void> {
    const bytes = Buffer.concat(lines);
    if (this.#size > 0 && this.#size + bytes.length > this.#options.maxBytes) await this.#rotate();
    this.#file ??= await this.#open();
    await this.#file.appendFile(bytes);
    this.#size += bytes.length;
    if (this.#lost > 0) {
      this.#options.logger.error(
        { lost: this.#lost },
        'audit events were lost while the audit log could not be written',
      );
      this.#lost = 0;
    }
  }

  async #open(): Promise<FileHandle> {
    this.#file = await open(this.#options.path, 'a', 0o600);
    this.#size = (await this.#file.stat()).size;
    return this.#file;
  }

  async #rotate(): Promise<void> {
    const { path, now } = this.#options;
    await this.#file?.close();
    this.#file = undefined;
    await rotateFile(path, this.#options, new Date(now()));
    this.#size = 0;
  }

  #failed(lines: readonly Buffer[], error: unknown): void {
    this.#options.logger.error(
      { err: error, path: this.#options.path },
      'the audit log cannot be written; it will be tried again',
    );
    this.#waiting = [...lines, ...this.#waiting];
    this.#waitingBytes += lines.reduce((sum, line) => sum + line.length, 0);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#wake();
    }, retryMs);
    this.#retry.unref();
  }
}
