import type { KubernetesObject } from '../meta/object.ts';
import { isEmpty } from '../schema/drop-empty.ts';
import { encodeUnsorted } from './encode.ts';
import { type Extraction, type ExtractionRules, extract, extractFromKey } from './extraction.ts';
import { endOfObject, replaceRevision, type SplicedObject, spliceRevision } from './revision-splice.ts';
import type { ServedObject } from './served-object.ts';
import type { ObjectKey, StoredObject } from './store.ts';

/** What an object is known by, beside its bytes. */
interface Identity {
  readonly key: ObjectKey;
  readonly uid: string;
  readonly revision: number;
  readonly content: string | null;
  readonly contentRevision: number;
}

/** Labels, fields and cells are taken out when they are first asked for, all at once, and kept. */
class Served implements ServedObject {
  readonly key: ObjectKey;
  readonly uid: string;
  readonly revision: number;
  readonly bytes: Buffer;
  readonly metadataStart: number;
  readonly content: string | null;
  readonly contentRevision: number;
  isPlain = false;
  #metadataEnd = 0;
  #extraction: Extraction | undefined;
  /** What the extraction comes from: rules, or an equal object that may have it already. */
  readonly #source: ExtractionRules | Served | undefined;

  constructor(identity: Identity, spliced: SplicedObject, source: ExtractionRules | Served | undefined) {
    this.key = identity.key;
    this.uid = identity.uid;
    this.revision = identity.revision;
    this.content = identity.content;
    this.contentRevision = identity.contentRevision;
    this.bytes = spliced.bytes;
    this.metadataStart = spliced.metadataStart;
    this.#source = source;
  }

  get metadataEnd(): number {
    if (this.#metadataEnd === 0) this.#metadataEnd = endOfObject(this.bytes, this.metadataStart);
    return this.#metadataEnd;
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#extract().labels;
  }

  get fields(): Readonly<Record<string, string>> {
    return this.#extract().fields;
  }

  get cells(): readonly unknown[] {
    return this.#extract().cells;
  }

  get creationTimestamp(): string {
    return this.#extract().creationTimestamp;
  }

  decode<T extends KubernetesObject = KubernetesObject>(): T {
    return JSON.parse(this.bytes.toString()) as T;
  }

  /** Takes out of the object itself what would be taken out of its bytes. */
  take(object: KubernetesObject, rules: ExtractionRules): void {
    const { ownerReferences, annotations, deletionTimestamp } = object.metadata;
    this.isPlain = isNothing(ownerReferences) && isNothing(annotations) && !deletionTimestamp;
    try {
      this.#extraction = extract(this.key, object, rules);
    } catch {
      // Whoever asks for it is told.
    }
  }

  #extract(): Extraction {
    if (this.#extraction === undefined) {
      const source = this.#source;
      if (source instanceof Served) this.#extraction = source.#extract();
      else if (source === undefined) this.#extraction = extractFromKey(this.key);
      else this.#extraction = extract(this.key, this.decode(), source);
    }
    return this.#extraction;
  }
}

function isNothing(value: object | undefined): boolean {
  return value === undefined || isEmpty(value);
}

/**
 * A stored object on its way to clients. Without rules (internal records) it has no labels, and only the metadata fields. `decoded`: the
 * same object, where it is at hand.
 */
export function serveStored(
  stored: StoredObject,
  rules: ExtractionRules | undefined,
  decoded?: KubernetesObject,
): ServedObject {
  const served = new Served(stored, spliceRevision(stored.value, stored.revision), rules);
  if (decoded !== undefined && rules !== undefined) served.take(decoded, rules);
  return served;
}

/** What an object that is assembled rather than stored is served with. */
export interface AssembledObject {
  /** Its resource; namespace and name are read from the object's metadata. */
  readonly resource: string;
  /** Becomes `metadata.resourceVersion`; 0 leaves that out. */
  readonly revision: number;
  readonly content?: string | null;
  readonly contentRevision?: number;
  readonly rules?: ExtractionRules | undefined;
}

/**
 * An object that is assembled for its reader.
 * @throws TypeError for an object without apiVersion, kind or metadata
 */
export function serveObject(object: KubernetesObject, options: AssembledObject): ServedObject {
  const { name = '', namespace = '', uid = '' } = object.metadata;
  const identity: Identity = {
    key: { resource: options.resource, namespace, name },
    uid,
    revision: options.revision,
    content: options.content ?? null,
    contentRevision: options.contentRevision ?? 0,
  };
  return new Served(identity, spliceRevision(encodeUnsorted(object), options.revision), options.rules);
}

/** The same object with another `resourceVersion`, for instance the last state of an object that was deleted. */
export function withRevision(object: ServedObject, revision: number): ServedObject {
  if (object.revision === revision) return object;
  const source = object instanceof Served ? object : undefined;
  return new Served(
    {
      key: object.key,
      uid: object.uid,
      revision,
      content: object.content,
      contentRevision: object.contentRevision,
    },
    replaceRevision(object, object.revision, revision),
    source,
  );
}
