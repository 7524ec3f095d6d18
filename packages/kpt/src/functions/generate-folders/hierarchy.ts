import { isMap, isScalar, isSeq, type YAMLSeq } from 'yaml';
import { AliasTargets } from '../../yaml/alias-targets.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { type FieldPath, keyText, resolveAlias, scalarText } from '../../yaml/node-edits.ts';
import { showPath } from '../reporting.ts';

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
    if (!id) throw new Error(`${title} has no organization`);
    return { kind: 'Organization', id };
  }
  const id = hierarchy.getString(['spec', 'parentRef', 'external']);
  if (!id) throw new Error(`${title} has an undefined parentRef`);
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
  return list.items.map((item, index) => {
    const node = resolveAlias(object.document, item);
    if (isScalar(node) && node.value !== null) return scalarText(node);
    throw new Error(`ResourceHierarchy ${object.name}: \`${path.join('.')}[${index}]\` must be a text`);
  });
}

/** Reads folders that are written as a tree, parts of which may stand apart under a name. */
class TreeReader {
  readonly #hierarchy: KrmObject;
  readonly #aliases: AliasTargets;
  readonly #subtrees = new Map<string, readonly Folder[]>();
  /** The lists that have been read, since aliases may repeat them; undefined while one is read. */
  readonly #lists = new Map<YAMLSeq, readonly Folder[] | undefined>();

  constructor(hierarchy: KrmObject) {
    this.#hierarchy = hierarchy;
    this.#aliases = new AliasTargets(hierarchy.document);
  }

  read(): readonly Folder[] {
    const subtrees = this.#hierarchy.node(['spec', 'subtrees']);
    // A subtree may use those before it, so none can hold itself.
    for (const { key, value } of isMap(subtrees) ? subtrees.items : []) {
      this.#subtrees.set(keyText(key), this.#children(value, ['spec', 'subtrees', keyText(key)]));
    }
    const config = this.#hierarchy.node(['spec', 'config']);
    if (!isSeq(config)) throw this.#fault(['spec', 'config'], 'must be a list');
    return this.#list(config, ['spec', 'config']);
  }

  /** The folders in a folder or a subtree: a list of them, a subtree, or none. */
  #children(value: unknown, path: FieldPath): readonly Folder[] {
    const node = this.#aliases.resolve(value);
    if (node === null || (isScalar(node) && node.value === null)) return [];
    if (isSeq(node)) return this.#list(node, path);
    const [pair, more] = isMap(node) ? node.items : [];
    if (pair === undefined || more !== undefined || keyText(pair.key) !== '$subtree') {
      throw this.#fault(path, 'must be a list of folders, or a mapping with `$subtree` and nothing else');
    }
    return this.#subtree(this.#aliases.resolve(pair.value));
  }

  #list(list: YAMLSeq, path: FieldPath): readonly Folder[] {
    const known = this.#lists.get(list);
    if (known !== undefined) return known;
    if (this.#lists.has(list)) throw this.#fault(path, 'is an alias of what it is part of');
    this.#lists.set(list, undefined);
    const folders = list.items.flatMap((item, index) => this.#folder(item, [...path, index]));
    this.#lists.set(list, folders);
    return folders;
  }

  /** A name, or a mapping of a name to what is in the folder. */
  #folder(item: unknown, path: FieldPath): readonly Folder[] {
    const node = this.#aliases.resolve(item);
    if (isScalar(node)) return node.value === null ? [] : [{ name: scalarText(node), children: [] }];
    const [pair, more] = isMap(node) ? node.items : [];
    if (pair === undefined || more !== undefined) {
      throw this.#fault(path, 'must be the name of a folder, or a mapping with one name and what is in the folder');
    }
    const name = keyText(pair.key);
    return [{ name, children: this.#children(pair.value, [...path, name]) }];
  }

  #subtree(node: unknown): readonly Folder[] {
    const name = isScalar(node) ? scalarText(node) : '';
    const found = this.#subtrees.get(name);
    if (found !== undefined) return found;
    throw new Error(`ResourceHierarchy ${this.#hierarchy.name} references non-existent subtree "${name}"`);
  }

  #fault(path: FieldPath, reason: string): Error {
    return new Error(`ResourceHierarchy ${this.#hierarchy.name}: \`${showPath(path)}\` ${reason}`);
  }
}
