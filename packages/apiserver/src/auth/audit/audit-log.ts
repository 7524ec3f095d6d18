import { type FileHandle, open } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { AuditEvent, AuditSink } from './audit-event.ts';
import { type RotationOptions, rotateFile } from './rotate-file.ts';

/** Where audit events are written, and when a new file is begun. */
export interface AuditLogOptions extends RotationOptions {
  readonly path: string;
  /** A file that would become larger is put aside and a new one begun. Pipes and devices have no size. */
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
  /** Whether it is one that can be put aside: pipes and devices cannot. */
  #isPlain = true;
  /** Bytes in it, or since it could not be put aside. */
  #size = 0;
  /** Whether what waits begins with the rest of what was written in part. */
  #hasRest = false;
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
    // The server may have ended in the middle of a line; the next one is not to be taken for its end.
    if (log.#isPlain && (await endsWithinLine(options.path, log.#size))) log.#waiting.push(Buffer.from('\n'));
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
      const bytes = Buffer.concat(this.#take());
      const written = { bytes: 0 };
      try {
        await this.#append(bytes, written);
      } catch (error) {
        this.#failed(bytes.subarray(written.bytes), written.bytes > 0, error);
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
      if (count > 0 && this.#isPlain && this.#size + bytes + line.length > maxBytes) break;
      bytes += line.length;
      count++;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  /** Says in `written` how much of it is in the file, also where it fails: a disk that is full takes a part. */
  async #append(bytes: Buffer, written: { bytes: number }): Promise<void> {
    const isFull = this.#size > 0 && this.#size + bytes.length > this.#options.maxBytes;
    if (isFull && this.#isPlain && !this.#hasRest) await this.#rotate();
    const file = this.#file ?? (await this.#open());
    while (written.bytes < bytes.length) {
      const { bytesWritten } = await file.write(bytes, written.bytes);
      written.bytes += bytesWritten;
      this.#size += bytesWritten;
    }
    this.#hasRest = false;
    if (this.#lost > 0) {
      this.#options.logger.error(
        { lost: this.#lost },
        'audit events were lost while the audit log could not be written',
      );
      this.#lost = 0;
    }
  }

  async #open(): Promise<FileHandle> {
    const file = await open(this.#options.path, 'a', 0o600);
    this.#file = file;
    const stats = await file.stat();
    this.#isPlain = stats.isFile();
    this.#size = stats.size;
    return file;
  }

  /** Where the file cannot be put aside it goes on, until it has grown by as much again. */
  async #rotate(): Promise<void> {
    const { path, now, logger } = this.#options;
    await this.#file?.close();
    this.#file = undefined;
    try {
      await rotateFile(path, this.#options, new Date(now()));
    } catch (error) {
      await this.#open();
      this.#size = 0;
      const text = 'the audit log could not be put aside, or older ones not removed; it is written on';
      logger.error({ err: error, path }, text);
    }
  }

  #failed(rest: Buffer, isPart: boolean, error: unknown): void {
    this.#options.logger.error(
      { err: error, path: this.#options.path },
      'the audit log cannot be written; it will be tried again',
    );
    this.#hasRest ||= isPart;
    this.#waiting = [rest, ...this.#waiting];
    this.#waitingBytes += rest.length;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#wake();
    }, retryMs);
    this.#retry.unref();
  }
}

/** Whether the last line of a file has no end. Of one that may not be read that is not known. */
async function endsWithinLine(path: string, size: number): Promise<boolean> {
  if (size === 0) return false;
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer.toString('latin1') !== '\n';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') return false;
    throw error;
  } finally {
    await file?.close();
  }
}
