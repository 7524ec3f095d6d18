import { expect } from 'vitest';
import type { Answer, Json } from './api-client.ts';
import { eventually } from './eventually.ts';
import type { Porch } from './porch.ts';

/** What is asked for when a package revision is created. */
export interface NewRevision {
  readonly repository: string;
  readonly packageName: string;
  readonly workspaceName: string;
  readonly task?: Json;
  readonly spec?: Json;
  readonly metadata?: Json;
}

export const revisionsPath = '/apis/porch.kpt.dev/v1alpha1/namespaces/default/packagerevisions';
export const resourcesPath = '/apis/porch.kpt.dev/v1alpha1/namespaces/default/packagerevisionresources';
export const packagesPath = '/apis/porch.kpt.dev/v1alpha1/namespaces/default/packages';
export const repositoriesPath = '/apis/config.porch.kpt.dev/v1alpha1/namespaces/default/repositories';

/** The body of an answer. @throws AssertionError with the whole answer when its status is not the expected one */
export function expectStatus(answer: Answer, status: number): Json {
  if (answer.status !== status) expect.fail(`expected ${status}, got ${answer.status}: ${answer.text}`);
  return answer.json;
}

/** Package revisions by raw HTTP, the way the command-line client of the Go implementation works. */
export class Packages {
  readonly #porch: Porch;

  constructor(porch: Porch) {
    this.#porch = porch;
  }

  /** POST without a name: the server composes it. */
  create(wanted: NewRevision): Promise<Answer> {
    const { repository, packageName, workspaceName, task, spec, metadata } = wanted;
    return this.#porch.http('POST', revisionsPath, {
      apiVersion: 'porch.kpt.dev/v1alpha1',
      kind: 'PackageRevision',
      metadata: { namespace: 'default', ...metadata },
      spec: { repository, packageName, workspaceName, ...(task === undefined ? {} : { tasks: [task] }), ...spec },
    });
  }

  get(name: string): Promise<Answer> {
    return this.#porch.http('GET', `${revisionsPath}/${name}`);
  }

  put(object: Json): Promise<Answer> {
    return this.#porch.http('PUT', `${revisionsPath}/${object.metadata.name}`, object);
  }

  /** GET, then PUT of the whole object with another lifecycle, to the main endpoint or to approval. */
  async setLifecycle(name: string, lifecycle: string, endpoint: '' | '/approval' = ''): Promise<Answer> {
    const object = expectStatus(await this.get(name), 200);
    object.spec.lifecycle = lifecycle;
    return this.#porch.http('PUT', `${revisionsPath}/${name}${endpoint}`, object);
  }

  propose(name: string): Promise<Answer> {
    return this.setLifecycle(name, 'Proposed');
  }

  approve(name: string): Promise<Answer> {
    return this.setLifecycle(name, 'Published', '/approval');
  }

  delete(name: string): Promise<Answer> {
    return this.#porch.http('DELETE', `${revisionsPath}/${name}`);
  }

  resources(name: string): Promise<Answer> {
    return this.#porch.http('GET', `${resourcesPath}/${name}`);
  }

  /** GET, then PUT of the files as `change` makes them. */
  async replaceResources(name: string, change: (files: Record<string, string>) => void): Promise<Answer> {
    const object = expectStatus(await this.resources(name), 200);
    change(object.spec.resources);
    return this.#porch.http('PUT', `${resourcesPath}/${name}`, object);
  }

  /** Creates, proposes and approves; gives the published object. */
  async publish(wanted: NewRevision): Promise<Json> {
    const { name } = expectStatus(await this.create(wanted), 201).metadata;
    expectStatus(await this.propose(name), 200);
    return expectStatus(await this.approve(name), 200);
  }

  async list(query = ''): Promise<Json> {
    return expectStatus(await this.#porch.http('GET', `${revisionsPath}${query}`), 200);
  }

  /** One line for each revision: name, package, workspace, revision, lifecycle, first task; in the order of the list. */
  async table(repository?: string): Promise<string[]> {
    const query = repository === undefined ? '' : `?fieldSelector=spec.repository%3D${repository}`;
    const { items } = await this.list(query);
    return items.map(({ metadata, spec }: Json) =>
      [
        metadata.name,
        spec.packageName,
        spec.workspaceName,
        spec.revision ?? 0,
        spec.lifecycle,
        spec.tasks?.[0]?.type ?? '-',
      ].join(' '),
    );
  }

  /** Waits until a revision is there. */
  appeared(name: string): Promise<Json> {
    return eventually(`package revision ${name}`, async () => {
      const answer = await this.get(name);
      return answer.status === 200 ? answer.json : undefined;
    });
  }
}
