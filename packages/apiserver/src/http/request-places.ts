/** The place of a request among those that are under way. */
export interface RequestPlace {
  /** Says that its body is awaited from now on, or has come. While it is, another request may take the place. */
  waitsForBody(waiting: boolean): void;
  leave(): void;
}

interface Holder {
  readonly sender: string;
  giveUp(): void;
}

/**
 * The places of requests that are under way, of which there are so many. Whoever may begin a request can be slow to send it, so where all
 * are taken a new one gets that of another whose body is awaited: the oldest of the sender who has the most of them.
 */
export class RequestPlaces {
  readonly #most: number;
  readonly #holders = new Set<Holder>();
  /** Those whose bodies are awaited, in the order in which that began. */
  readonly #waiting = new Set<Holder>();

  constructor(most: number) {
    this.#most = most;
  }

  get taken(): number {
    return this.#holders.size;
  }

  /**
   * A place for a request, or undefined where all are taken by requests that have come in full. `giveUp` is called when another one takes
   * it.
   */
  take(sender: string, giveUp: () => void): RequestPlace | undefined {
    if (this.taken >= this.#most && !this.#makeRoom()) return undefined;
    const holder: Holder = { sender, giveUp };
    this.#holders.add(holder);
    return {
      waitsForBody: (waiting) => {
        if (!waiting) this.#waiting.delete(holder);
        else if (this.#holders.has(holder)) this.#waiting.add(holder);
      },
      leave: () => this.#remove(holder),
    };
  }

  #remove(holder: Holder): void {
    this.#holders.delete(holder);
    this.#waiting.delete(holder);
  }

  #makeRoom(): boolean {
    const bySender = Map.groupBy(this.#waiting, ({ sender }) => sender);
    const most = Math.max(...[...bySender.values()].map(({ length }) => length));
    for (const holder of this.#waiting) {
      if (bySender.get(holder.sender)?.length !== most) continue;
      this.#remove(holder);
      holder.giveUp();
      return true;
    }
    return false;
  }
}
