import { StatusError } from '@porch/apiserver';
import { eventually } from '../../../../../e2e/harness/eventually.ts';
import type { SeededRandom } from '../../../../../e2e/harness/seeded-random.ts';
import type { Trial } from '../../engine/trial.test-support.ts';
import { approvalCommitMessage } from '../../git/annotation.ts';
import { GitError } from '../../git/types.ts';
import { configApiVersion, repositories, resolveDraftAnnotation } from '../../resources/group.ts';
import { commitElsewhere } from './commit-elsewhere.test-support.ts';

const packages = ['p', 'q'];
const workspaces = ['a', 'b', 'c'];
const stages = ['drafts', 'proposed'];
const main = 'refs/heads/main';

/** Most synchronisations, in pairs, until two sides that nobody changes any more agree. */
const mostRounds = 8;

/** A repository that is changed here, through the engine, and in Git, by somebody who knows nothing of the server. */
export class BothSides {
  readonly #trial: Trial;
  readonly #repository: string;
  readonly #random: SeededRandom;
  readonly #mayFail: boolean;
  #background: Promise<unknown> = Promise.resolve();
  /** What has been done, to be read when a test fails. */
  readonly log: string[] = [];

  /** `mayFail`: whether pushes and reads fail now and then. */
  constructor(trial: Trial, repository: string, random: SeededRandom, mayFail: boolean) {
    this.#trial = trial;
    this.#repository = repository;
    this.#random = random;
    this.#mayFail = mayFail;
  }

  /** Does one thing at random. @throws what no client should ever be answered with */
  async step(first: boolean): Promise<void> {
    const [name, work] = first ? (['create', this.#here.create] as const) : this.#pickOperation();
    this.log.push(name);
    try {
      await work?.();
    } catch (error) {
      this.log.push(`  ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
      if (!this.#isAnswer(error)) throw error;
    }
  }

  /** Waits until the two sides agree, as far as they do without somebody's decision. Returns the names of drafts in conflict. */
  async converge(): Promise<ReadonlySet<string>> {
    await this.#background;
    await this.#trial.settle();
    const { queue } = this.#trial.parts;
    for (let round = 0; round < mostRounds; round++) {
      await this.#trial.sync(this.#repository, true);
      await eventually('what waits to be pushed', async () =>
        queue.backlog('default', this.#repository).waiting === 0 ? true : undefined,
      );
      const last = await this.#trial.sync(this.#repository, true);
      if (last.changed === 0 && last.left === 0) return new Set(last.conflicts.map(({ name }) => name));
    }
    throw new Error(`${this.#repository} does not come to rest`);
  }

  /** What there is, by package and workspace. */
  async shown(repository = this.#repository): Promise<ReadonlyMap<string, object>> {
    const shown = new Map<string, object>();
    for (const { key } of this.#trial.parts.cache.revisionsOfRepository('default', repository)) {
      const object = this.#trial.get(key.name);
      if (object === undefined) continue;
      const { resources } = (await this.#trial.resources(key.name)).spec;
      const { metadata, spec, status } = object;
      shown.set(key.name.slice(repository.length), {
        lifecycle: spec.lifecycle,
        revision: spec.revision,
        labels: metadata.labels,
        deletionTimestamp: metadata.deletionTimestamp,
        ref: status.selfLock?.git?.ref,
        publishTimestamp: status.publishTimestamp,
        resources,
      });
    }
    return shown;
  }

  /** The same as somebody sees it who registers the remote now. */
  async shownAnew(url: string): Promise<ReadonlyMap<string, object>> {
    const name = `${this.#repository}x`;
    const git = { repo: url, branch: 'main' };
    const metadata = { name, namespace: 'default', uid: name };
    const object = { apiVersion: configApiVersion, kind: 'Repository', metadata, spec: { type: 'git', git } };
    const key = { resource: repositories, namespace: 'default', name };
    const { store, registrations } = this.#trial.parts;
    await store.commit({ operations: [{ type: 'put', key, uid: name, value: JSON.stringify(object) }] });
    await registrations.update('default', name, () => undefined);
    await this.#trial.sync(name, true);
    return this.shown(name);
  }

  #isAnswer(error: unknown): boolean {
    if (error instanceof StatusError) return error.code < 500 || (this.#mayFail && error.code === 503);
    return error instanceof GitError && this.#mayFail;
  }

  #pickOperation(): readonly [string, (() => Promise<unknown>) | undefined] {
    const all = { ...this.#here, ...this.#syncs, ...this.#elsewhere };
    const name = this.#random.pick(Object.keys(all));
    return [name, (all as Record<string, () => Promise<unknown>>)[name]];
  }

  /** Any revision in one of these states. */
  #one(...lifecycles: readonly string[]): { readonly name: string; readonly packageName: string } | undefined {
    const able = this.#trial.parts.cache
      .revisionsOfRepository('default', this.#repository)
      .filter(({ fields }) => lifecycles.includes(fields['spec.lifecycle'] ?? ''));
    if (able.length === 0) return undefined;
    const { key, fields } = this.#random.pick(able);
    this.log.push(`  ${key.name}`);
    return { name: key.name, packageName: fields['spec.packageName'] ?? '' };
  }

  async #move(from: string, to: string): Promise<void> {
    const one = this.#one(from);
    if (one !== undefined) await this.#trial.setLifecycle(one.name, to);
  }

  /** What clients of the server do. */
  readonly #here = {
    create: () => this.#trial.create(this.#repository, this.#random.pick(packages), this.#random.pick(workspaces)),
    copy: async () => {
      const one = this.#one('Published', 'DeletionProposed');
      if (one === undefined) return;
      const task = { type: 'edit', edit: { sourceRef: { name: one.name } } } as const;
      await this.#trial.create(this.#repository, one.packageName, this.#random.pick(workspaces), task);
    },
    edit: async () => {
      const one = this.#one('Draft');
      if (one === undefined) return;
      const [file, text] = [`f${this.#random.integer(0, 2)}.txt`, `${this.#random.next()}`];
      await this.#trial.setFiles(one.name, (files) => {
        files[file] = text;
      });
    },
    propose: () => this.#move('Draft', 'Proposed'),
    reject: () => this.#move('Proposed', 'Draft'),
    approve: () => this.#move('Proposed', 'Published'),
    publish: async () => {
      const one = this.#one('Draft');
      if (one !== undefined) await this.#trial.publish(one.name);
    },
    proposeDeletion: () => this.#move('Published', 'DeletionProposed'),
    keep: () => this.#move('DeletionProposed', 'Published'),
    remove: async () => {
      const one = this.#one('Draft', 'Proposed', 'DeletionProposed');
      if (one !== undefined) await this.#trial.remove(one.name);
    },
    decide: async () => {
      const one = this.#one('Draft', 'Proposed');
      if (one === undefined) return;
      const side = this.#random.pick(['ours', 'theirs']);
      await this.#trial.update(one.name, ({ metadata }) => {
        metadata.annotations = { ...metadata.annotations, [resolveDraftAnnotation]: side };
      });
    },
  };

  async #sync(): Promise<void> {
    const { changed, left } = await this.#trial.sync(this.#repository, true);
    this.log.push(`  changed ${changed}, left ${left}`);
  }

  /** One that goes on while other things happen. */
  async #beginSync(): Promise<void> {
    this.#background = this.#background.then(() =>
      this.#sync().catch((error: unknown) => {
        if (!this.#isAnswer(error)) throw error;
      }),
    );
    // Whoever waits for it hears of the failure.
    this.#background.catch(() => undefined);
  }

  readonly #syncs = {
    sync: async () => {
      await this.#background;
      await this.#sync();
    },
    beginSync: () => this.#beginSync(),
    beginAnotherSync: () => this.#beginSync(),
    restart: async () => {
      await this.#background;
      this.#trial.restartSync(this.#repository);
    },
  };

  #git(...args: readonly string[]): Promise<string> {
    return this.#trial.git(this.#repository, ...args);
  }

  /** What a name in Git stands for; undefined for nothing. */
  async #id(name: string): Promise<string | undefined> {
    return this.#git('rev-parse', '--verify', '--quiet', name).catch(() => undefined);
  }

  /** Any reference below these names; undefined where there is none. */
  async #any(...prefixes: readonly string[]) {
    const listed = await this.#git('for-each-ref', '--format=%(refname) %(objectname)', ...prefixes);
    if (listed === '') return undefined;
    const [ref = '', id = ''] = this.#random.pick(listed.split('\n')).split(' ');
    const [packageName = '', last = ''] = ref.split('/').slice(-2);
    this.log.push(`  ${ref}`);
    return { ref, id, packageName, last };
  }

  /** The branch of any draft or proposal. */
  #branch() {
    return this.#any(...stages.map((stage) => `refs/heads/${stage}/`));
  }

  #set(ref: string, id: string): Promise<string> {
    return this.#git('update-ref', ref, id);
  }

  /** What others do to the remote. */
  readonly #elsewhere = {
    commitElsewhere: async () => {
      const branch = await this.#branch();
      if (branch === undefined) return;
      const path = `${branch.packageName}/x${this.#random.integer(0, 2)}.txt`;
      const text = `${this.#random.next()}`;
      await this.#set(branch.ref, await commitElsewhere(this.#trial, this.#repository, branch.id, path, text));
    },
    moveElsewhere: async () => {
      const branch = await this.#branch();
      if (branch === undefined) return;
      const { ref, id } = branch;
      const to = ref.includes('/drafts/')
        ? ref.replace('/drafts/', '/proposed/')
        : ref.replace('/proposed/', '/drafts/');
      await this.#set(to, id);
      await this.#git('update-ref', '-d', ref);
    },
    removeElsewhere: async () => {
      const branch = await this.#branch();
      if (branch !== undefined) await this.#git('update-ref', '-d', branch.ref);
    },
    draftElsewhere: async () => {
      const [stage, packageName, workspace] = [stages, packages, workspaces].map((all) => this.#random.pick(all));
      const ref = `refs/heads/${stage}/${packageName}/${workspace}`;
      if ((await this.#id(ref)) !== undefined) return;
      const kptfile = `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: n${this.#random.integer(0, 99)}\n`;
      const path = `${packageName}/Kptfile`;
      await this.#set(ref, await commitElsewhere(this.#trial, this.#repository, main, path, kptfile));
    },
    takeBackElsewhere: async () => {
      const branch = await this.#branch();
      const parent = branch && (await this.#id(`${branch.id}^1`));
      if (branch === undefined || parent === undefined) return;
      if ((await this.#id(`${parent}:${branch.packageName}`)) !== undefined) await this.#set(branch.ref, parent);
    },
    publishElsewhere: async () => {
      const branch = await this.#branch();
      if (branch === undefined) return;
      const { ref, id, packageName: path, last: workspaceName } = branch;
      const revision = (await this.#git('tag', '--list', `${path}/v*`)).split('\n').filter(Boolean).length + 1;
      const tag = `refs/tags/${path}/v${revision}`;
      if ((await this.#id(tag)) !== undefined) return;
      const message = approvalCommitMessage({ path, workspaceName, revision });
      const commit = await this.#git('commit-tree', `${id}^{tree}`, '-p', main, '-p', id, '-m', message);
      await this.#set(tag, commit);
      await this.#set(main, commit);
      if (this.#random.next() < 0.5) await this.#git('update-ref', '-d', ref);
    },
    commitOnMainElsewhere: async () => {
      const packageName = this.#random.pick(packages);
      if ((await this.#id(`${main}:${packageName}/Kptfile`)) === undefined) return;
      const path = `${packageName}/m${this.#random.integer(0, 2)}.txt`;
      await this.#set(main, await commitElsewhere(this.#trial, this.#repository, main, path, `${this.#random.next()}`));
    },
    proposeDeletionElsewhere: async () => {
      const tag = await this.#any('refs/tags/');
      if (tag !== undefined) await this.#set(`refs/heads/deletionProposed/${tag.packageName}/${tag.last}`, tag.id);
    },
    removeTagElsewhere: async () => {
      const tag = await this.#any('refs/tags/');
      if (tag !== undefined) await this.#git('update-ref', '-d', tag.ref);
    },
  };
}
