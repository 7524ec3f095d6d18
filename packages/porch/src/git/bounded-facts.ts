/** Facts by name, as many as there is room for: in Git a thousand references to one commit cost no more than their names. */
export class BoundedFacts<Fact> {
  readonly #most: number;
  readonly #facts = new Map<string, Fact>();
  #kept = 0;

  /** `most`: characters of names, and of facts about as JSON has them, that are kept. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#facts.size;
  }

  get(name: string): Fact | undefined {
    return this.#facts.get(name);
  }

  has(name: string): boolean {
    return this.#facts.has(name);
  }

  names(): Iterable<string> {
    return this.#facts.keys();
  }

  /** Keeps a fact in place of another one of its name. Returns whether there is room for it. */
  set(name: string, fact: Fact): boolean {
    this.delete(name);
    const size = sizeOf(name, fact);
    if (this.#kept + size > this.#most) return false;
    this.#kept += size;
    this.#facts.set(name, fact);
    return true;
  }

  delete(name: string): void {
    const fact = this.#facts.get(name);
    if (fact === undefined) return;
    this.#kept -= sizeOf(name, fact);
    this.#facts.delete(name);
  }
}

function sizeOf(name: string, fact: unknown): number {
  return name.length + charactersOf(fact);
}

/** About as many as JSON takes, which takes longer to make. */
function charactersOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 4;
  let characters = 2;
  // Plain data: there is nothing but its own.
  for (const name in value) characters += name.length + 4 + charactersOf((value as Record<string, unknown>)[name]);
  return characters;
}
