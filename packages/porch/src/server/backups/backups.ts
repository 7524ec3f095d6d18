import type { Metrics, Store } from '@porch/apiserver';
import type { Logger } from 'pino';
import type { Clock } from '../../cache/clock.ts';
import type { DataFiles } from '../data-files.ts';
import type { BackupSettings } from '../settings.ts';
import { removeOldBackups, writeBackup } from './backup-files.ts';

/** What backups are made of, and of whom they are heard. */
export interface BackupParts {
  readonly store: Pick<Store, 'backup'>;
  readonly files: DataFiles;
  readonly settings: BackupSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Makes backups of a running server, the first at once, and keeps the newest. One that fails is logged, and the next is tried in its
 * time; one whose time comes while another is being made is left out.
 */
export class Backups {
  readonly #parts: BackupParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #lastSuccess: number | undefined;

  constructor(parts: BackupParts) {
    this.#parts = parts;
    parts.metrics.observedGauge(
      {
        name: 'porch_backup_last_success_timestamp_seconds',
        help: 'When the last backup of this process was complete.',
      },
      () => (this.#lastSuccess === undefined ? [] : [[{}, this.#lastSuccess]]),
    );
  }

  start(): void {
    this.#next();
    this.#timer = setInterval(() => this.#next(), this.#parts.settings.frequencyMs);
  }

  /** Begins no more, and waits for the one that is being made. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  #next(): void {
    this.#running ??= this.#make().finally(() => {
      this.#running = undefined;
    });
  }

  async #make(): Promise<void> {
    const { store, files, settings, clock, logger } = this.#parts;
    try {
      const path = await writeBackup(store, files, settings.directory, clock());
      this.#lastSuccess = Math.floor(clock().getTime() / 1000);
      const removed = await removeOldBackups(settings.directory, settings.keep);
      logger.info({ path, removed: removed.length }, 'backup made');
    } catch (error) {
      logger.error({ err: error, directory: settings.directory }, 'the backup has failed; trying again in its time');
    }
  }
}
