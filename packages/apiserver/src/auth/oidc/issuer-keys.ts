import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import type { Logger } from 'pino';
import type { KeySet } from '../jwt/verified-claims.ts';

/** How long keys count before they are read again, in milliseconds. */
const freshMs = 10 * 60_000;
/** Shortest time between two attempts to read them, in milliseconds: anybody may send tokens of keys which are not there. */
const betweenAttemptsMs = 10_000;

/** What keys are read with. */
export interface IssuerKeysOptions {
  /** URL of the issuer. */
  readonly issuer: string;
  /** The JSON document at a URL. Rejects when there is none. */
  readonly fetchJson: (url: string) => Promise<unknown>;
  readonly logger: Pick<Logger, 'error' | 'info'>;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
}

/**
 * The public keys of an issuer (OpenID Connect Discovery 1.0): read when they are first needed, and again every ten minutes and when a token
 * is signed with none of them. An issuer that does not answer leaves those that were read before.
 */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  #known: { readonly keys: KeySet; readonly readAt: number } | undefined;
  #attemptedAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  #told = '';

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  /** The keys; undefined when they have never been read. Only the first reading is waited for. */
  async current(): Promise<KeySet | undefined> {
    if (this.#known === undefined) await this.#read();
    else if (this.#options.now() - this.#known.readAt >= freshMs) void this.#read();
    return this.#known?.keys;
  }

  /** The same, read again unless that was tried a moment ago. */
  async renewed(): Promise<KeySet | undefined> {
    await this.#read();
    return this.#known?.keys;
  }

  #read(): Promise<void> {
    const now = this.#options.now();
    if (this.#reading === undefined && now - this.#attemptedAt >= betweenAttemptsMs) {
      this.#attemptedAt = now;
      this.#reading = this.#attempt().finally(() => {
        this.#reading = undefined;
      });
    }
    return this.#reading ?? Promise.resolve();
  }

  async #attempt(): Promise<void> {
    const { issuer, logger, now } = this.#options;
    try {
      const keys = createLocalJWKSet((await this.#fetch()) as JSONWebKeySet);
      this.#known = { keys, readAt: now() };
      if (this.#told !== '') logger.info({ issuer }, 'the keys of the OpenID Connect issuer could be read again');
      this.#told = '';
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (problem !== this.#told)
        logger.error({ issuer, err: error }, 'the keys of the OpenID Connect issuer cannot be read');
      this.#told = problem;
    }
  }

  async #fetch(): Promise<unknown> {
    const { issuer, fetchJson } = this.#options;
    const place = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const configuration = await at(place, fetchJson(place));
    const { issuer: named, jwks_uri: keys } = (configuration ?? {}) as { issuer?: unknown; jwks_uri?: unknown };
    if (named !== issuer) {
      throw new Error(`${place} is about issuer ${JSON.stringify(named)}, which has to be ${JSON.stringify(issuer)}`);
    }
    if (typeof keys !== 'string' || !URL.canParse(keys) || new URL(keys).protocol !== 'https:') {
      throw new Error(`${place} names no https URL of keys (jwks_uri)`);
    }
    return at(keys, fetchJson(keys));
  }
}

async function at<T>(url: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    // With its cause, the log would say everything twice.
    throw new Error(`${url}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
