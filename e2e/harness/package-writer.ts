import type { Answer } from './api-client.ts';
import type { Packages } from './packages.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What is known of one package revision. */
export interface Known {
  readonly lifecycle: 'Draft' | 'Proposed' | 'Published' | 'DeletionProposed' | 'absent';
  /** Number in its file, one higher with each replacement of its resources. */
  readonly content: number;
  /** Value of its label. */
  readonly label: number;
  /** Number and commit, once it was seen published. */
  readonly published?: { readonly revision: number; readonly commit: string };
}

/** A write whose answer did not come. */
export interface Unknown {
  readonly workspace: string;
  readonly what: string;
  readonly result: Known;
}

const file = 'counter.yaml';

/** The file in which a revision's content number stands. */
function contentFile(content: number): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: counter\ndata:\n  content: "${content}"\n`;
}

/** Content number of the files of a revision; 0 before any replacement. */
export function contentOf(files: Readonly<Record<string, string>>): number {
  return Number(/content: "(\d+)"/.exec(files[file] ?? '')?.[1] ?? 0);
}

/**
 * Writes to one package, one write after the other, and keeps book: what was acknowledged of each revision, and the one write
 * whose outcome is not known.
 */
export class PackageWriter {
  readonly repository: string;
  readonly packageName: string;
  readonly known = new Map<string, Known>();
  unknown: Unknown | undefined;
  /** Writes that were answered. */
  acknowledged = 0;
  readonly #packages: Packages;
  readonly #random: SeededRandom;

  constructor(packages: Packages, repository: string, packageName: string, random: SeededRandom) {
    this.#packages = packages;
    this.repository = repository;
    this.packageName = packageName;
    this.#random = random;
  }

  name(workspace: string): string {
    return `${this.repository}.${this.packageName}.${workspace}`;
  }

  /** Writes until told to stop, or until an answer does not come. @throws Error for a refusal that nothing explains */
  async run(stopped: () => boolean): Promise<void> {
    while (!stopped() && this.unknown === undefined) await this.#step(stopped);
  }

  /** The workspace that is being worked on, or undefined when all are published or gone. */
  #open(): [string, Known] | undefined {
    return [...this.known].find(([, { lifecycle }]) => lifecycle === 'Draft' || lifecycle === 'Proposed');
  }

  async #step(stopped: () => boolean): Promise<void> {
    const open = this.#open();
    if (open === undefined) return this.#begin(stopped);
    const [workspace, known] = open;
    const name = this.name(workspace);
    if (known.lifecycle === 'Proposed') {
      await this.#write(stopped, workspace, 'approve', { ...known, lifecycle: 'Published' }, () =>
        this.#packages.approve(name),
      );
      return;
    }
    const dice = this.#random.next();
    if (dice < 0.4) {
      const content = known.content + 1;
      await this.#write(stopped, workspace, 'replace resources', { ...known, content }, () =>
        this.#packages.replaceResources(name, (files) => {
          files[file] = contentFile(content);
        }),
      );
    } else if (dice < 0.55) {
      const label = known.label + 1;
      await this.#write(stopped, workspace, 'label', { ...known, label }, async () => {
        const { json } = await this.#packages.get(name);
        return this.#packages.put({ ...json, metadata: { ...json.metadata, labels: { step: `${label}` } } });
      });
    } else if (dice < 0.65 && this.known.size > 1) {
      await this.#write(stopped, workspace, 'delete', { lifecycle: 'absent', content: 0, label: 0 }, () =>
        this.#packages.delete(name),
      );
    } else {
      await this.#write(stopped, workspace, 'propose', { ...known, lifecycle: 'Proposed' }, () =>
        this.#packages.propose(name),
      );
    }
  }

  /** A new workspace: the first by init, later ones as copies of a published one. */
  async #begin(stopped: () => boolean): Promise<void> {
    const workspace = `w${this.known.size + 1}`;
    const published = [...this.known].findLast(([, { lifecycle }]) => lifecycle === 'Published');
    const source =
      published === undefined ? {} : { task: { type: 'edit', edit: { sourceRef: { name: this.name(published[0]) } } } };
    const result: Known = { lifecycle: 'Draft', content: published?.[1].content ?? 0, label: 0 };
    await this.#write(stopped, workspace, 'create', result, () =>
      this.#packages.create({
        repository: this.repository,
        packageName: this.packageName,
        workspaceName: workspace,
        ...source,
      }),
    );
  }

  async #write(
    stopped: () => boolean,
    workspace: string,
    what: string,
    result: Known,
    write: () => Promise<Answer>,
  ): Promise<void> {
    let answer: Answer;
    try {
      answer = await write();
    } catch (error) {
      if (!stopped()) throw error;
      this.unknown = { workspace, what, result };
      return;
    }
    if (answer.status >= 300) {
      throw new Error(`${what} of ${this.name(workspace)} was refused: ${answer.status} ${answer.text}`);
    }
    this.acknowledged++;
    const { revision } = answer.json.spec;
    const commit = answer.json.status?.selfLock?.git?.commit;
    this.known.set(workspace, what === 'approve' ? { ...result, published: { revision, commit } } : result);
  }
}
