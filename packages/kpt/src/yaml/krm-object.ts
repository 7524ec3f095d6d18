import { type Document, isMap, isScalar, type Node, type YAMLMap } from 'yaml';
import { joinPath } from '../package/package-paths.ts';
import { PackageError } from '../pipeline/job.ts';
import { AliasTargets } from './alias-targets.ts';
import { mergedData } from './merged-data.ts';
import { MergedPairs } from './merged-pairs.ts';
import { deleteAt, type FieldPath, type FieldValue, nodeAt, scalarText, setAllAt, setAt } from './node-edits.ts';
import { ResourceDocument } from './resource-document.ts';

/** The annotation that marks what is not meant for the cluster. */
export const localConfigAnnotation = 'config.kubernetes.io/local-config';

/**
 * One Kubernetes resource of a package file, edited in place: what is not touched keeps its bytes, what is touched keeps
 * its comments, quotes and place.
 */
export class KrmObject {
  /** The document the resource was read from; its `document` gives nodes and comments. */
  readonly source: ResourceDocument;
  /** The file it stands in, relative to the package that owns it; undefined for a new object until it gets one. */
  path: string | undefined;
  /** Which document of the file it is, from 0; undefined for a new object. */
  index: number | undefined;
  /** The directory of the package that owns it, relative to the rendered one and empty for that; set by the pipeline. */
  packagePath: string | undefined;

  constructor(source: ResourceDocument, path?: string, index?: number) {
    this.source = source;
    this.path = path;
    this.index = index;
  }

  /** A new object, not in any file yet. It gets a file named after its kind and name unless `path` is set. */
  static create(value: { readonly [key: string]: FieldValue | undefined }): KrmObject {
    return new KrmObject(ResourceDocument.create(value));
  }

  /** The parsed document, for access to nodes and comments. Changes to it are found when the file is printed. */
  get document(): Document {
    return this.source.document;
  }

  /** The top mapping; undefined where the document is something else. */
  get root(): YAMLMap | undefined {
    return isMap(this.document.contents) ? this.document.contents : undefined;
  }

  get apiVersion(): string {
    return this.getString(['apiVersion']) ?? '';
  }

  /** The part of apiVersion before the slash, empty for the core group. */
  get group(): string {
    const { apiVersion } = this;
    return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  }

  get version(): string {
    const { apiVersion } = this;
    return apiVersion.slice(apiVersion.indexOf('/') + 1);
  }

  get kind(): string {
    return this.getString(['kind']) ?? '';
  }

  get name(): string {
    return this.getString(['metadata', 'name']) ?? '';
  }

  /** `metadata.namespace`, or an empty string. */
  get namespace(): string {
    return this.getString(['metadata', 'namespace']) ?? '';
  }

  get labels(): Record<string, string> {
    return this.getStringMap(['metadata', 'labels']);
  }

  get annotations(): Record<string, string> {
    return this.getStringMap(['metadata', 'annotations']);
  }

  /** Whether the object is marked as not meant for the cluster. */
  get isLocalConfig(): boolean {
    return this.annotation(localConfigAnnotation) === 'true';
  }

  annotation(key: string): string | undefined {
    return this.getString(['metadata', 'annotations', key]);
  }

  /** @returns whether anything changed */
  setAnnotation(key: string, value: string): boolean {
    return this.set(['metadata', 'annotations', key], value);
  }

  /** Removes an annotation, and the mapping it leaves empty. Says whether it was there. */
  removeAnnotation(key: string): boolean {
    if (!this.delete(['metadata', 'annotations', key])) return false;
    const annotations = this.node(['metadata', 'annotations']);
    if (isMap(annotations) && annotations.items.length === 0) this.delete(['metadata', 'annotations']);
    return true;
  }

  /** The node at a path, aliases followed; undefined where it is missing. */
  node(path: FieldPath): Node | undefined {
    return nodeAt(this.document, path);
  }

  /**
   * The plain data at a path, with what mappings merge; undefined where it is missing, null where it is null.
   *
   * @throws PackageError naming the file where aliases stand for more than can be read
   */
  get(path: FieldPath): unknown {
    const node = this.node(path);
    return node === undefined ? undefined : this.#plain(node);
  }

  /** The text of a scalar, numbers and booleans as they are written; undefined where it is missing, null or no scalar. */
  getString(path: FieldPath): string | undefined {
    const node = this.node(path);
    return isScalar(node) && node.value !== null ? scalarText(node) : undefined;
  }

  /**
   * The scalars of a mapping as text, with those it merges; empty where it is missing.
   *
   * @throws PackageError naming the file where something is merged that is no mapping
   */
  getStringMap(path: FieldPath): Record<string, string> {
    const result: Record<string, string> = Object.create(null);
    const node = this.node(path);
    if (!isMap(node)) return result;
    const aliases = new AliasTargets(this.document);
    const resolve = (value: unknown) => aliases.resolve(value);
    for (const { key, value } of this.#blaming(() => new MergedPairs(resolve).of(node))) {
      const scalar = resolve(value);
      if (isScalar(key)) result[scalarText(key)] = isScalar(scalar) ? scalarText(scalar) : '';
    }
    return result;
  }

  /**
   * Sets a field, making mappings on the way. A string stays a string: `"8080"` is written in quotes.
   *
   * @returns whether anything changed
   * @throws PackageError naming the file where something else stands in the way
   */
  set(path: FieldPath, value: FieldValue): boolean {
    return this.#blaming(() => setAt(this.document, path, value));
  }

  /**
   * Sets fields of the mapping at a path, making it where it is missing: as `set` for each of them, but fast for thousands.
   *
   * @returns whether anything changed
   * @throws PackageError as `set` does
   */
  setAll(path: FieldPath, values: ReadonlyMap<string, FieldValue>): boolean {
    return this.#blaming(() => setAllAt(this.document, path, values));
  }

  /** Removes a field. Says whether it was there. */
  delete(path: FieldPath): boolean {
    return deleteAt(this.document, path);
  }

  /** A copy that can be changed without changing this one. */
  clone(): KrmObject {
    const copy = new KrmObject(this.source.clone(), this.path, this.index);
    copy.packagePath = this.packagePath;
    return copy;
  }

  /** The whole object as plain data. @throws PackageError as `get` does */
  toJS(): unknown {
    return this.#plain(this.document.contents);
  }

  #plain(node: Node | null): unknown {
    return this.#blaming(() => mergedData(this.document, node));
  }

  /** Does something with the object; where it cannot be done, its file is to blame. */
  #blaming<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      const file = this.path && joinPath(this.packagePath ?? '', this.path);
      const where = file === undefined ? '' : `file ${JSON.stringify(file)}: `;
      throw new PackageError(where + (error instanceof Error ? error.message : String(error)), file, { cause: error });
    }
  }
}
