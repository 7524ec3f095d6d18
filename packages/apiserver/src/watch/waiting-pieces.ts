import type { Exchange } from '../http/exchange.ts';

/** Bytes of a piece while few wait, so that large watches begin with few writes. */
const largePiece = 256 * 1024;
/** Bytes of a piece while many wait: no more than each connection has room for anyway. */
const smallPiece = 16 * 1024;
/** Beyond so many bytes of pieces that wait, of all watches together, pieces are small. */
const crowdedBytes = 64 * 1024 * 1024;

/**
 * The pieces of events that wait for slow clients, one a watch at most. There may be any number of watches whose clients take nothing, and
 * for nothing: so beyond some the pieces are small, which slows others down, but refuses nobody.
 */
export class WaitingPieces {
  #bytes = 0;

  /** About how many bytes the next piece may have. */
  get pieceBytes(): number {
    return this.#bytes > crowdedBytes ? smallPiece : largePiece;
  }

  /**
   * Counts a piece that waits, until the function is called that it returns. One of large events has to find room among the answers that
   * wait (`UnsentBytes`).
   * @throws StatusError 429 where there is none
   */
  add(exchange: Exchange, bytes: number): () => void {
    const isLarge = bytes >= 2 * this.pieceBytes;
    const release = isLarge ? exchange.unsent?.hold(exchange, bytes) : undefined;
    this.#bytes += bytes;
    return () => {
      this.#bytes -= bytes;
      release?.();
    };
  }
}
