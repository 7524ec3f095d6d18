import { type Document, isMap, isScalar, isSeq } from 'yaml';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { keyText, resolveAlias, scalarText } from '../../yaml/node-edits.ts';

/** A folder with those in it. */
export interface Folder {
  readonly name: string;
  readonly children: readonly Folder[];
}

/** What the folders of a hierarchy are in. */
export interface FolderRoot {
  readonly kind: 'Organization' | 'Folder';
  /** Its ID at the cloud. */
  readonly id: string;
}

/** A version of the kind ResourceHierarchy. */
export type HierarchyVersion = 'v1' | 'v2' | 'v3';

const versions: Readonly<Record<string, HierarchyVersion>> = {
  'cft.dev/v1alpha1': 'v1',
  'cft.dev/v1alpha2': 'v2',
  'blueprints.cloud.google.com/v1alpha3': 'v3',
};

/** Which version of ResourceHierarchy an object is; undefined where it is something else. */
export function hierarchyVersion({ apiVersion, kind }: KrmObject): HierarchyVersion | undefined {
  return kind === 'ResourceHierarchy' && Object.hasOwn(versions, apiVersion) ? versions[apiVersion] : undefined;
}

/** @throws Error that says what is wrong with the hierarchy */
export function readRoot(hierarchy: KrmObject, version: HierarchyVersion): FolderRoot {
  const title = `ResourceHierarchy ${hierarchy.name}`;
  if (version === 'v1') {
    const id = hierarchy.getString(['spec', 'organization']);
    if (id === undefined) throw new Error(`${title} has no organization`);
    return { kind: 'Organization', id };
  }
  const id = hierarchy.getString(['spec', 'parentRef', 'external']);
  if (id === undefined) throw new Error(`${title} has an undefined parentRef`);
  const kind = hierarchy.getString(['spec', 'parentRef', 'kind']) ?? 'Organization';
  if (kind !== 'Organization' && kind !== 'Folder') throw new Error(`${title} has an unsupported parentRef kind`);
  return { kind, id };
}

/** @throws Error that says what is wrong with the hierarchy */
export function readFolders(hierarchy: KrmObject, version: HierarchyVersion): readonly Folder[] {
  return version === 'v1' ? readLayers(hierarchy) : new TreeReader(hierarchy).read();
}

/** Each layer's folders are in each of the layer's above. */
function readLayers(hierarchy: KrmObject): readonly Folder[] {
  const layers = textsAt(hierarchy, ['spec', 'layers']);
  return layers.reduceRight<readonly Folder[]>((children, layer) => {
    if (hierarchy.node(['spec', 'config', layer]) === undefined) {
      throw new Error(
        `Layer "${layer}" has no corresponding config entry. Either add to spec.config.${layer} or remove it from spec.layers`,
      );
    }
    return textsAt(hierarchy, ['spec', 'config', layer]).map((name) => ({ name, children }));
  }, []);
}

function textsAt(object: KrmObject, path: readonly string[]): readonly string[] {
  const list = object.node(path);
  if (!isSeq(list)) throw new Error(`ResourceHierarchy ${object.name}: \`${path.join('.')}\` must be a list`);
  return list.items.flatMap((item) => {
    const node = resolveAlias(object.document, item);
    return isScalar(node) ? [scalarText(node)] : [];
  });
}

/** Reads folders that are written as a tree, parts of which may stand apart under a name. */
class TreeReader {
  readonly #hierarchy: KrmObject;
  readonly #document: Document;
  readonly #subtrees = new Map<string, readonly Folder[]>();

  constructor(hierarchy: KrmObject) {
    this.#hierarchy = hierarchy;
    this.#document = hierarchy.document;
  }

  read(): readonly Folder[] {
    const subtrees = this.#hierarchy.node(['spec', 'subtrees']);
    // A subtree may use those before it, so none can hold itself.
    for (const { key, value } of isMap(subtrees) ? subtrees.items : []) {
      this.#subtrees.set(keyText(key), this.#list(value));
    }
    const config = this.#hierarchy.node(['spec', 'config']);
    if (!isSeq(config)) throw new Error(`ResourceHierarchy ${this.#hierarchy.name}: \`spec.config\` must be a list`);
    return this.#list(config);
  }

  #list(node: unknown): readonly Folder[] {
    const list = resolveAlias(this.#document, node);
    return isSeq(list) ? list.items.flatMap((item) => this.#folder(item)) : [];
  }

  /** A name, or a mapping of a name to a list of folders or to a subtree. */
  #folder(item: unknown): readonly Folder[] {
    const node = resolveAlias(this.#document, item);
    if (isScalar(node)) return node.value === null ? [] : [{ name: scalarText(node), children: [] }];
    const pair = isMap(node) ? node.items[0] : undefined;
    if (pair === undefined) return [];
    const value = resolveAlias(this.#document, pair.value);
    return [
      { name: keyText(pair.key), children: isMap(value) ? this.#subtree(value.get('$subtree')) : this.#list(value) },
    ];
  }

  #subtree(name: unknown): readonly Folder[] {
    const found = this.#subtrees.get(String(name));
    if (found !== undefined) return found;
    throw new Error(`ResourceHierarchy ${this.#hierarchy.name} references non-existent subtree "${String(name)}"`);
  }
}
