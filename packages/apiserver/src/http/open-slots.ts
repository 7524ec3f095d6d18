/** The place of a request among those that are under way. */
export interface OpenSlot {
  /** Says that its body is there. It is not given up any more. */
  arrived(): void;
  leave(): void;
}

interface Coming {
  readonly address: string;
  giveUp(): void;
}

/**
 * The requests to an open endpoint that are under way, of which there may be so many. Anybody may begin one and be slow to go on, so a
 * new one takes the place of another whose body is still coming: the oldest of the address that has the most of them.
 */
export class OpenSlots {
  readonly #most: number;
  /** In the order in which they came. */
  readonly #coming = new Set<Coming>();
  #answering = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * A place for a request from an address, or undefined where all are taken by requests that are being answered. `giveUp` is called when
   * another one takes it.
   */
  take(address: string, giveUp: () => void): OpenSlot | undefined {
    if (this.#coming.size + this.#answering >= this.#most && !this.#makeRoom()) return undefined;
    const coming: Coming = { address, giveUp };
    this.#coming.add(coming);
    let answering = false;
    return {
      arrived: () => {
        if (!this.#coming.delete(coming)) return;
        answering = true;
        this.#answering++;
      },
      leave: () => {
        this.#coming.delete(coming);
        if (answering) this.#answering--;
        answering = false;
      },
    };
  }

  #makeRoom(): boolean {
    const byAddress = Map.groupBy(this.#coming, ({ address }) => address);
    const most = Math.max(...[...byAddress.values()].map(({ length }) => length));
    for (const coming of this.#coming) {
      if (byAddress.get(coming.address)?.length !== most) continue;
      this.#coming.delete(coming);
      coming.giveUp();
      return true;
    }
    return false;
  }
}
