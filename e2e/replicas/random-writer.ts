import type { Answer, Json } from '../harness/api-client.ts';
import { resourcesPath, revisionsPath } from '../harness/packages.ts';
import type { Porch } from '../harness/porch.ts';
import type { SeededRandom } from '../harness/seeded-random.ts';
import { type AllFacts, counterLabel, type Facts, linesFile } from './facts.ts';

/** What came of a request: its answer, or undefined when it is not known what the server did. */
type Outcome = Answer | undefined;

/** Answers that say what was wrong with a request: it changed nothing. */
const refusals: ReadonlySet<number> = new Set([400, 403, 404, 409, 429]);

export interface WriterOptions {
  readonly servers: readonly Porch[];
  readonly facts: AllFacts;
  readonly random: SeededRandom;
  /** Distinguishes what this writer makes from what others make. */
  readonly name: string;
  /**
   * Packages that all writers work on. What the last one has published stays: when all publications of a package are deleted, only the one
   * that follows its branch is left, which nothing can begin from.
   */
  readonly packages: readonly string[];
  /** Whether servers may fail: answers of 5xx and broken connections are then something that happens. */
  readonly failures: boolean;
}

/** Writes at random, through any of the servers, and notes what was acknowledged. */
export class RandomWriter {
  readonly #options: WriterOptions;
  #count = 0;
  /** Answers by operation and status, for people. */
  readonly tally = new Map<string, number>();
  /** What was said about requests that were wrong, not merely too late. */
  readonly refused = new Set<string>();
  /** The request that is not answered yet, and by which server. */
  #pending: string | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** One operation on one package revision. */
  async step(): Promise<void> {
    const { random } = this.#options;
    this.#count++;
    const objects = await this.#list();
    if (objects === undefined) return;
    const mine = objects.filter(({ spec }) => (spec.revision ?? 0) >= 0);
    const object = mine.length === 0 ? undefined : random.pick(mine);
    const choice = random.integer(1, 100);
    if (object === undefined || choice <= 22) return this.#create(mine);
    const facts = this.#options.facts.of(object.metadata.name);
    if (facts === undefined) return;
    if (choice <= 40) return this.#increment(object, facts);
    switch (object.spec.lifecycle) {
      case 'Draft':
        if (choice <= 46) return this.#addSubpackage(object, facts, mine);
        if (choice <= 70) return this.#addLine(object, facts);
        if (choice <= 94) return this.#lifecycle(object, 'Proposed');
        return this.#delete(object, facts);
      case 'Proposed':
        return choice <= 85 ? this.#publish(object, facts) : this.#lifecycle(object, 'Draft');
      case 'Published':
        return choice <= 75 ? undefined : this.#lifecycle(object, 'DeletionProposed');
      default:
        return choice <= 75 || object.spec.packageName === this.#lasting
          ? this.#lifecycle(object, 'Published')
          : this.#delete(object, facts);
    }
  }

  get #lasting(): string | undefined {
    return this.#options.packages.at(-1);
  }

  /** What the writer is at, for people. */
  toString(): string {
    return `${this.#options.name}: ${this.#count} steps, ${this.#pending ?? 'between requests'}`;
  }

  async #list(): Promise<Json[] | undefined> {
    const answer = await this.#send('list', 'GET', revisionsPath);
    return answer?.status === 200 ? answer.json.items : undefined;
  }

  async #create(objects: readonly Json[]): Promise<void> {
    const { random, facts, name, packages } = this.#options;
    const packageName = random.pick(packages);
    const published = objects.filter(({ spec }) => spec.packageName === packageName && (spec.revision ?? 0) > 0);
    const source = published.length === 0 ? undefined : random.pick(published);
    const tasks = source === undefined ? [] : [{ type: 'edit', edit: { sourceRef: { name: source.metadata.name } } }];
    const answer = await this.#send('create', 'POST', revisionsPath, {
      apiVersion: 'porch.kpt.dev/v1alpha1',
      kind: 'PackageRevision',
      metadata: { namespace: 'default' },
      spec: { repository: 'repo', packageName, workspaceName: `${name}-${this.#count}`, tasks },
    });
    if (answer?.status === 201) facts.created(answer.json);
  }

  async #increment(object: Json, facts: Facts): Promise<void> {
    const count = Number(object.metadata.labels?.[counterLabel] ?? 0) + 1;
    const labels = { ...object.metadata.labels, [counterLabel]: String(count) };
    const metadata = { ...object.metadata, labels };
    const answer = await this.#send('label', 'PUT', `${revisionsPath}/${metadata.name}`, { ...object, metadata });
    if (answer === undefined) facts.maybeIncrements++;
    else if (answer.status === 200) facts.increments++;
  }

  async #addLine({ metadata }: Json, facts: Facts): Promise<void> {
    const path = `${resourcesPath}/${metadata.name}`;
    const read = await this.#send('read files', 'GET', path);
    if (read?.status !== 200) return;
    const { resources } = read.json.spec;
    const line = `${this.#options.name}-${this.#count}`;
    const files = { ...resources, [linesFile]: `${resources[linesFile] ?? ''}${line}\n` };
    const answer = await this.#send('write files', 'PUT', path, {
      ...read.json,
      spec: { ...read.json.spec, resources: files },
    });
    if (answer?.status === 200) facts.lines.add(line);
  }

  /** Clones one of the packages that nothing was made from, nor cloned into, into a draft. */
  async #addSubpackage(object: Json, facts: Facts, objects: readonly Json[]): Promise<void> {
    const { random, name } = this.#options;
    const sources = objects.filter(({ metadata, spec }) => {
      const isFirst = (spec.revision ?? 0) > 0 && spec.tasks?.[0]?.type === 'init';
      return isFirst && this.#options.facts.of(metadata.name)?.subpackages.size === 0;
    });
    if (sources.length === 0) return;
    const source = random.pick(sources).metadata.name;
    const directory = `${name}/s-${this.#count}`;
    const clone = { upstreamRef: { upstreamRef: { name: source } }, subpackageDir: directory };
    const spec = { ...object.spec, tasks: [...object.spec.tasks, { type: 'clone', clone }] };
    const path = `${revisionsPath}/${object.metadata.name}`;
    const answer = await this.#send('subpackage', 'PUT', path, { ...object, spec });
    if (answer?.status === 200) facts.subpackages.add(directory);
  }

  async #lifecycle(object: Json, lifecycle: string): Promise<void> {
    const spec = { ...object.spec, lifecycle };
    const approval =
      object.spec.lifecycle === 'DeletionProposed' || lifecycle === 'DeletionProposed' ? '/approval' : '';
    const path = `${revisionsPath}/${object.metadata.name}${lifecycle === 'Draft' ? '/approval' : approval}`;
    await this.#send(lifecycle, 'PUT', path, { ...object, spec });
  }

  async #publish(object: Json, facts: Facts): Promise<void> {
    const spec = { ...object.spec, lifecycle: 'Published' };
    const path = `${revisionsPath}/${object.metadata.name}/approval`;
    const answer = await this.#send('publish', 'PUT', path, { ...object, spec });
    if (answer?.status !== 200) return;
    const { spec: published, status } = answer.json;
    facts.publication = { revision: published.revision, commit: status.selfLock.git.commit };
  }

  async #delete({ metadata }: Json, facts: Facts): Promise<void> {
    const answer = await this.#send('delete', 'DELETE', `${revisionsPath}/${metadata.name}`);
    if (answer === undefined) facts.maybeDeleted = true;
    else if (answer.status === 200) facts.deleted = true;
  }

  async #send(what: string, method: string, path: string, body?: unknown): Promise<Outcome> {
    const { random, servers, failures } = this.#options;
    const server = random.pick(servers);
    this.#pending = `waits for server ${servers.indexOf(server)} to ${what}`;
    let answer: Outcome;
    try {
      answer = await server.http(method, path, body);
    } catch (error) {
      if (!failures) throw error;
    }
    this.#pending = undefined;
    this.#note(what, answer);
    if (answer?.status === 400 || answer?.status === 403) this.refused.add(`${what}: ${answer.json.message}`);
    if (answer === undefined || answer.status < 300 || refusals.has(answer.status)) return answer;
    if (!failures) throw new Error(`${what} was answered with ${answer.status}: ${answer.text}`);
    return undefined;
  }

  #note(what: string, answer: Outcome): void {
    const key = `${what} ${answer?.status ?? 'lost'}`;
    this.tally.set(key, (this.tally.get(key) ?? 0) + 1);
  }
}

/** Adds up what writers have noted, one line each. */
export function tallies(writers: readonly RandomWriter[]): string {
  const sums = new Map<string, number>();
  for (const writer of writers) for (const [key, count] of writer.tally) sums.set(key, (sums.get(key) ?? 0) + count);
  return [...sums]
    .sort()
    .map(([key, count]) => `${key}: ${count}`)
    .join(', ');
}
