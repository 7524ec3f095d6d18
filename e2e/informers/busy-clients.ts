import type { Answer, Json } from '../harness/api-client.ts';
import { resourcesPath, revisionsPath } from '../harness/packages.ts';
import type { SeededRandom } from '../harness/seeded-random.ts';
import type { World } from '../harness/world.ts';

const mergePatch = { 'content-type': 'application/merge-patch+json' };

/** Makes, changes and deletes objects at random. What fails, because the server is down or the object gone, is let be. */
export class BusyClients {
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #prefix: string;
  #made = 0;

  constructor(world: World, random: SeededRandom, prefix: string) {
    this.#world = world;
    this.#random = random;
    this.#prefix = prefix;
  }

  /** So many writes, a few at once. Gives how many were acknowledged. */
  async write(count: number): Promise<number> {
    let acknowledged = 0;
    for (let left = count; left > 0; ) {
      const together = Math.min(left, this.#random.integer(1, 6));
      left -= together;
      const outcomes = await Promise.allSettled(Array.from({ length: together }, () => this.#one()));
      acknowledged += outcomes.filter((each) => each.status === 'fulfilled' && each.value.status < 300).length;
    }
    return acknowledged;
  }

  #one(): Promise<Answer> {
    return this.#random.next() < 0.65 ? this.#configMap() : this.#revision();
  }

  #configMap(): Promise<Answer> {
    const random = this.#random;
    const path = `/api/v1/namespaces/${random.pick(['default', 'other'])}/configmaps`;
    const name = `${this.#prefix}-${random.integer(0, 25)}`;
    const labels = { chosen: random.pick(['yes', 'no']) };
    const data = { value: String(random.integer(0, 3)) };
    const action = random.integer(0, 9);
    const http = (...request: Parameters<World['porch']['http']>) => this.#world.porch.http(...request);
    if (action < 4) {
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data };
      return http('POST', path, object);
    }
    if (action < 7) return http('PATCH', `${path}/${name}`, { metadata: { labels }, data }, mergePatch);
    if (action < 9) return http('DELETE', `${path}/${name}`);
    return http(
      'DELETE',
      `${path}?labelSelector=${encodeURIComponent('chosen=no')}&fieldSelector=metadata.name%3D${name}`,
    );
  }

  #revision(): Promise<Answer> {
    const random = this.#random;
    const packageName = `${this.#prefix}-${random.integer(0, 7)}`;
    const name = `repo.${packageName}.v1`;
    const http = (...request: Parameters<World['porch']['http']>) => this.#world.porch.http(...request);
    const lifecycle = (to: string, endpoint = '') =>
      http('PATCH', `${revisionsPath}/${name}${endpoint}`, { spec: { lifecycle: to } }, mergePatch);
    const actions: readonly (() => Promise<Answer>)[] = [
      () => this.#world.packages.create({ repository: 'repo', packageName, workspaceName: 'v1' }),
      () => this.#world.packages.create({ repository: 'repo', packageName, workspaceName: 'v1' }),
      () =>
        http('PATCH', `${revisionsPath}/${name}`, { metadata: { labels: { n: String(this.#made++) } } }, mergePatch),
      () => lifecycle('Proposed'),
      () => lifecycle('Draft', '/approval'),
      () => http('DELETE', `${revisionsPath}/${name}`),
      () => this.#changeFiles(name),
    ];
    return random.pick(actions)();
  }

  #changeFiles(name: string): Promise<Answer> {
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  n: "${this.#made++}"\n`;
    const patch: Json = { spec: { resources: { 'config.yaml': text } } };
    return this.#world.porch.http('PATCH', `${resourcesPath}/${name}`, patch, mergePatch);
  }
}
