import type { Json } from '../harness/api-client.ts';

/** A publication that was acknowledged. */
export interface Publication {
  readonly revision: number;
  readonly commit: string;
}

/** What is known of one package revision from the answers of servers. */
export interface Facts {
  readonly packageName: string;
  /** Lines that were acknowledged. */
  readonly lines: Set<string>;
  /** Directories that packages were cloned into. */
  readonly subpackages: Set<string>;
  /** How often its counter was acknowledged to have been raised, and how often it may have been beyond that. */
  increments: number;
  maybeIncrements: number;
  publication: Publication | undefined;
  /** Whether its deletion was acknowledged, or was asked for without an answer. */
  deleted: boolean;
  maybeDeleted: boolean;
}

/** The counter, a label that every increment raises. */
export const counterLabel = 'count';
/** The file that lines are added to. */
export const linesFile = 'lines.txt';

/** Everything that was acknowledged, by name of the package revision. */
export class AllFacts {
  readonly #known = new Map<string, Facts>();

  /** `publication`: as what it has been there before. */
  created(object: Json, publication?: Publication): void {
    this.#known.set(object.metadata.name, {
      packageName: object.spec.packageName,
      lines: new Set(),
      subpackages: new Set(),
      increments: 0,
      maybeIncrements: 0,
      publication,
      deleted: false,
      maybeDeleted: false,
    });
  }

  of(name: string): Facts | undefined {
    return this.#known.get(name);
  }

  get count(): number {
    return this.#known.size;
  }

  /** What of the acknowledged is not so. `files` gives those of a package revision, `tags` the commits of tags in Git. */
  async contradictions(
    objects: readonly Json[],
    tags: Readonly<Record<string, string>>,
    files: (name: string) => Promise<Readonly<Record<string, string>>>,
  ): Promise<string[]> {
    const found: string[] = [];
    const byName = new Map(objects.map((object) => [object.metadata.name, object]));
    for (const [name, facts] of this.#known) {
      const object = byName.get(name);
      if (facts.deleted) {
        if (object !== undefined) found.push(`${name} was deleted, and is there`);
        continue;
      }
      if (object === undefined) {
        if (!facts.maybeDeleted) found.push(`${name} was created, and is not there`);
        continue;
      }
      found.push(...publicationErrors(name, facts, object, tags), ...counterErrors(name, facts, object));
      const now = await files(name);
      const lines = new Set(now[linesFile]?.split('\n'));
      for (const line of facts.lines) if (!lines.has(line)) found.push(`${name}: the line ${line} is lost`);
      for (const directory of facts.subpackages) {
        if (!(`${directory}/Kptfile` in now)) found.push(`${name}: the subpackage ${directory} is lost`);
      }
    }
    return [...found, ...duplicateErrors(objects)];
  }
}

function publicationErrors(
  name: string,
  { publication, packageName }: Facts,
  object: Json,
  tags: Readonly<Record<string, string>>,
): string[] {
  if (publication === undefined) return [];
  const { revision, commit } = publication;
  const tag = tags[`tags/${packageName}/v${revision}`];
  return [
    ...(object.spec.revision === revision ? [] : [`${name} is revision ${object.spec.revision}, not ${revision}`]),
    ...(tag === commit ? [] : [`the tag of ${name} is ${tag}, not ${commit}`]),
  ];
}

function counterErrors(name: string, { increments, maybeIncrements }: Facts, object: Json): string[] {
  const count = Number(object.metadata.labels?.[counterLabel] ?? 0);
  if (count >= increments && count <= increments + maybeIncrements) return [];
  return [`${name}: the counter is ${count}, after ${increments} to ${increments + maybeIncrements} increments`];
}

function duplicateErrors(objects: readonly Json[]): string[] {
  const numbers = objects
    .filter(({ spec }) => (spec.revision ?? 0) > 0)
    .map(({ spec }) => `${spec.packageName} v${spec.revision}`);
  return numbers
    .filter((number, index) => numbers.indexOf(number) !== index)
    .map((number) => `${number} is there twice`);
}
