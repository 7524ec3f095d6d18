import type { Exchange } from './exchange.ts';

/** Bytes that are in memory for the client of an exchange. */
export interface Held {
  readonly exchange: Exchange;
  readonly bytes: number;
  /** Since when the client is waited for, in milliseconds by the clock of the server; undefined while it is not. */
  since: number | undefined;
}

/** What is in memory for clients, of all connections together. */
export class HeldBytes {
  readonly #held = new Set<Held>();
  #total = 0;

  /** Bytes of all together. */
  get total(): number {
    return this.#total;
  }

  add(held: Held): void {
    this.#held.add(held);
    this.#total += held.bytes;
  }

  /** Does nothing for what is not there any more. */
  delete(held: Held): void {
    if (this.#held.delete(held)) this.#total -= held.bytes;
  }

  /** Bytes by name of the sender. */
  bySender(): ReadonlyMap<string, number> {
    const bytes = new Map<string, number>();
    for (const held of this.#held) {
      const { name } = held.exchange.user;
      bytes.set(name, (bytes.get(name) ?? 0) + held.bytes);
    }
    return bytes;
  }

  /** What has waited for its client since `before` or longer: the oldest of the sender who has the most. */
  latest(before: number): Held | undefined {
    const bySender = this.bySender();
    const bytesOf = ({ exchange }: Held): number => bySender.get(exchange.user.name) ?? 0;
    let latest: Held | undefined;
    let oldest = Number.POSITIVE_INFINITY;
    for (const held of this.#held) {
      if (held.since === undefined || held.since > before) continue;
      const more = latest === undefined ? 1 : bytesOf(held) - bytesOf(latest);
      if (more < 0 || (more === 0 && held.since >= oldest)) continue;
      latest = held;
      oldest = held.since;
    }
    return latest;
  }
}
