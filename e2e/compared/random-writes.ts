import type { SeededRandom } from '../harness/seeded-random.ts';
import { owners, type SentRequest } from './both-servers.ts';

type Body = Record<string, unknown>;

const keys = ['a', 'b', 'c'] as const;
const kinds = {
  configmaps: { apiVersion: 'v1', kind: 'ConfigMap', root: '/api/v1' },
  serviceaccounts: { apiVersion: 'v1', kind: 'ServiceAccount', root: '/api/v1' },
  roles: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', root: '/apis/rbac.authorization.k8s.io/v1' },
} as const;

/** Resources whose objects are written. */
export const writtenResources = ['configmaps', 'serviceaccounts', 'roles'] as const;

/**
 * Writes of all forms to one object, by two managers: server-side apply, the patches, PUT. Lists and maps of nothing are left out where
 * a kube-apiserver takes them for none and keeps nothing of them but owners.
 */
export class RandomWrites {
  readonly #random: SeededRandom;
  readonly #resource: keyof typeof kinds;
  readonly #name: string;
  #created = false;

  constructor(random: SeededRandom, resource: keyof typeof kinds, name: string) {
    this.#random = random;
    this.#resource = resource;
    this.#name = name;
  }

  get path(): string {
    return `${this.#collection}/${this.#name}`;
  }

  next(): SentRequest {
    const manager = `fieldManager=${this.#random.pick(['one', 'two'])}`;
    const patch = { method: 'PATCH', path: `${this.path}?${manager}` };
    switch (this.#random.pick(['apply', 'apply', 'strategic', 'merge', 'replace', 'forget'] as const)) {
      case 'apply': {
        this.#created = true;
        const force = this.#maybe(0.5) ? '&force=true' : '';
        return { ...patch, path: `${patch.path}${force}`, type: 'application/apply-patch+yaml', body: this.#object() };
      }
      case 'strategic':
        return { ...patch, type: 'application/strategic-merge-patch+json', body: this.#strategic() };
      case 'merge': {
        const { apiVersion: _, kind: __, metadata, ...fields } = this.#object();
        const { name: ___, ...rest } = metadata as Body;
        return { ...patch, type: 'application/merge-patch+json', body: { metadata: rest, ...fields } };
      }
      case 'forget':
        return { ...patch, type: 'application/merge-patch+json', body: { metadata: { managedFields: [] } } };
      case 'replace': {
        const [method, path] = this.#created ? ['PUT', this.path] : ['POST', this.#collection];
        this.#created = true;
        return { method, path: `${path}?${manager}`, body: this.#object() };
      }
    }
  }

  /** Lets go of the object, whatever holds it, and deletes it. */
  end(): SentRequest[] {
    const body = { metadata: { finalizers: null } };
    return [
      { method: 'PATCH', path: this.path, type: 'application/merge-patch+json', body },
      { method: 'DELETE', path: this.path },
    ];
  }

  get #collection(): string {
    return `${kinds[this.#resource].root}/namespaces/default/${this.#resource}`;
  }

  #maybe(probability: number): boolean {
    return this.#random.next() < probability;
  }

  #some<T>(items: readonly T[]): T[] {
    const found = items.filter(() => this.#maybe(0.5));
    return found.length === 0 ? [this.#random.pick(items)] : found;
  }

  #texts(): Body {
    return Object.fromEntries(this.#some(keys).map((key) => [key, this.#random.pick(['1', '2'])]));
  }

  #owner(name: string): Body {
    const controls = this.#maybe(0.3) ? { controller: false, blockOwnerDeletion: this.#maybe(0.5) } : {};
    return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: `uid-of-${name}`, ...controls };
  }

  #metadata(): Body {
    return {
      name: this.#name,
      ...(this.#maybe(0.5) ? { labels: this.#texts() } : {}),
      ...(this.#maybe(0.3) ? { annotations: this.#texts() } : {}),
      ...(this.#maybe(0.3) ? { finalizers: this.#some(keys).map((key) => `example.com/${key}`) } : {}),
      ...(this.#maybe(0.3) ? { ownerReferences: this.#some(owners).map((name) => this.#owner(name)) } : {}),
    };
  }

  #fields(): Body {
    switch (this.#resource) {
      case 'configmaps':
        return {
          ...(this.#maybe(0.7) ? { data: this.#texts() } : {}),
          ...(this.#maybe(0.3) ? { binaryData: { [this.#random.pick(['d', 'e'])]: 'AA==' } } : {}),
        };
      case 'serviceaccounts':
        return {
          ...(this.#maybe(0.6) ? { secrets: this.#some(keys).map((name) => ({ name })) } : {}),
          ...(this.#maybe(0.5) ? { imagePullSecrets: this.#some(keys).map((name) => ({ name })) } : {}),
          ...(this.#maybe(0.3) ? { automountServiceAccountToken: this.#random.pick([true, false, null]) } : {}),
        };
      case 'roles':
        return { rules: this.#some(keys).map((key) => ({ apiGroups: [''], resources: [key], verbs: ['get'] })) };
    }
  }

  #object(): Body {
    const { apiVersion, kind } = kinds[this.#resource];
    return { apiVersion, kind, metadata: this.#metadata(), ...this.#fields() };
  }

  #strategic(): Body {
    const removable = (): Body => {
      const texts = this.#texts();
      for (const key of Object.keys(texts)) if (this.#maybe(0.3)) texts[key] = null;
      return texts;
    };
    const owner = this.#random.pick(owners);
    const metadata = {
      ...(this.#maybe(0.5) ? { labels: this.#maybe(0.2) ? null : removable() } : {}),
      ...(this.#maybe(0.3) ? { finalizers: this.#some(keys).map((key) => `example.com/${key}`) } : {}),
      ...(this.#maybe(0.2) ? { '$deleteFromPrimitiveList/finalizers': ['example.com/none'] } : {}),
      ...(this.#maybe(0.3)
        ? { ownerReferences: [this.#maybe(0.5) ? { $patch: 'delete', uid: `uid-of-${owner}` } : this.#owner(owner)] }
        : {}),
    };
    if (this.#resource === 'configmaps' && this.#maybe(0.6)) return { metadata, data: removable() };
    if (this.#resource === 'serviceaccounts' && this.#maybe(0.6)) return { metadata, ...this.#secrets() };
    return { metadata };
  }

  #secrets(): Body {
    const named = this.#some(keys).sort(() => (this.#maybe(0.5) ? 1 : -1));
    if (this.#maybe(0.5)) {
      return { secrets: named.map((name) => (this.#maybe(0.25) ? { $patch: 'delete', name } : { name })) };
    }
    // Without deletions: a kube-apiserver then takes items that it has just added for older ones, and where they stand is chance.
    const others = keys.filter((key) => !named.includes(key));
    const order = [...(this.#maybe(0.5) ? others : []), ...named].map((name) => ({ name }));
    return { secrets: named.map((name) => ({ name })), '$setElementOrder/secrets': order };
  }
}
