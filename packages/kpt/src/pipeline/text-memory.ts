/**
 * Remembers what was worked out from texts alone, up to a total size; what was not needed for longest is forgotten first.
 * Results are shared between callers: nobody may change them.
 */
export class TextMemory {
  readonly #mostCharacters: number;
  readonly #results = new Map<string, unknown>();
  #characters = 0;

  constructor(mostCharacters: number) {
    this.#mostCharacters = mostCharacters;
  }

  /**
   * What `compute` gave for this text the last time, or gives now. `question` names what is computed, and everything besides the
   * text that the result depends on.
   */
  recall<T>(question: string, text: string, compute: () => T): T {
    const key = `${question}\n${text}`;
    const known = this.#results.has(key);
    const result = known ? (this.#results.get(key) as T) : compute();
    if (known) this.#results.delete(key);
    else this.#characters += key.length;
    this.#results.set(key, result);
    for (const oldest of this.#results.keys()) {
      if (this.#characters <= this.#mostCharacters) break;
      this.#results.delete(oldest);
      this.#characters -= oldest.length;
    }
    return result;
  }
}
