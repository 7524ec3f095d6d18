import { isMap, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml';
import { keyText } from './node-edits.ts';

/** Whether a key is the merge key of YAML 1.1, `<<`; in quotes it is a key like others. */
export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN' && (!key.tag || key.tag.endsWith(':merge'));
}

/** Whether a mapping takes pairs from others, by the key `<<`. */
export function hasMergeKey(map: YAMLMap): boolean {
  return map.items.some(({ key }) => isMergeKey(key));
}

/** A merge key whose value is neither a mapping nor a sequence of mappings. */
export class MergeError extends Error {
  constructor() {
    super('the value of a merge key (<<) must be a mapping, or a sequence of mappings');
    this.name = 'MergeError';
  }
}

/**
 * The pairs that mappings have when what they merge counts (https://yaml.org/type/merge.html): a mapping's own pairs win, then the first
 * mapping merged. Each mapping is looked at once, since merges of merges can name the same ones very often.
 */
export class MergedPairs {
  readonly #resolve: (node: unknown) => unknown;
  readonly #known = new Map<YAMLMap, readonly Pair[]>();

  /** @param resolve - gives the node itself, or what it stands for where it is an alias */
  constructor(resolve: (node: unknown) => unknown) {
    this.#resolve = resolve;
  }

  /**
   * The pairs of a mapping, in order, those that it merges in place of the merge key.
   *
   * @throws MergeError
   */
  of(map: YAMLMap): readonly Pair[] {
    if (!hasMergeKey(map)) return map.items;
    const known = this.#known.get(map);
    if (known !== undefined) return known;
    // A mapping that merges itself adds nothing.
    this.#known.set(map, []);
    const own = new Set(map.items.map(({ key }) => keyText(key)));
    const pairs = map.items.flatMap((pair) => (isMergeKey(pair.key) ? this.#merged(pair.value, own) : [pair]));
    this.#known.set(map, pairs);
    return pairs;
  }

  /** The pairs that a merge brings along, without those whose keys are taken. */
  #merged(value: unknown, taken: Set<string>): readonly Pair[] {
    const source = this.#resolve(value);
    const maps = isSeq(source) ? source.items.map((item) => this.#resolve(item)) : [source];
    return maps.flatMap((map) => {
      if (!isMap(map)) throw new MergeError();
      return this.of(map).filter(({ key }) => {
        const name = keyText(key);
        if (taken.has(name)) return false;
        taken.add(name);
        return true;
      });
    });
  }
}
