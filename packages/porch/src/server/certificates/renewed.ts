import { X509Certificate } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { KeyPair } from '@porch/apiserver';
import type { Logger } from 'pino';

/** Renewal could be looked for once a day. What an operator has changed is to count soon. */
const defaultEveryMs = 5_000;

/** Certificates that are renewed while the server runs. */
export interface Renewed<T> {
  readonly current: T;
  /** Tells of new ones. A listener that fails is told again at the next look, with the others. */
  onChange(listener: (found: T) => Promise<void> | void): void;
  /** Looks no more, and tells nobody of what is found by a look that is under way; resolves when that is over. */
  close(): Promise<void>;
}

/** Where certificates come from, and how often that is looked at. */
export interface RenewedOptions<T> {
  /** The certificates as they should be now. Rejects when there are none that can be used. */
  load(): Promise<T>;
  /** How often that is asked, in milliseconds; every few seconds unless told. */
  readonly everyMs?: number;
  readonly logger: Logger;
}

/** Looks for new certificates again and again. While there are none that can be used, the server goes on with the old ones. */
export async function openRenewed<T extends { readonly server: KeyPair }>(
  options: RenewedOptions<T>,
): Promise<Renewed<T>> {
  const { load, everyMs = defaultEveryMs, logger } = options;
  let current = await load();
  let looking: Promise<void> | undefined;
  let closed = false;
  const listeners: ((found: T) => Promise<void> | void)[] = [];
  const look = async (): Promise<void> => {
    try {
      const found = await load();
      if (closed || isDeepStrictEqual(found, current)) return;
      for (const listener of listeners) await listener(found);
      if (found.server.certificate !== current.server.certificate) {
        const { validTo: until } = new X509Certificate(found.server.certificate);
        logger.info({ until }, 'the server shows a new certificate');
      }
      current = found;
    } catch (error) {
      logger.error({ err: error }, 'the new certificate of the server could not be put to use; trying again');
    } finally {
      looking = undefined;
    }
  };
  const timer = setInterval(() => {
    looking ??= look();
  }, everyMs);
  timer.unref();
  return {
    get current() {
      return current;
    },
    onChange: (listener) => void listeners.push(listener),
    async close() {
      closed = true;
      clearInterval(timer);
      await looking;
    },
  };
}
