/**
 * What a resource is, to this library. A server is a list of `ResourceDefinition`s; the registry turns each into handlers
 * for every verb that its storage has, and discovery, OpenAPI and tables follow from the same definition.
 */
import type { TSchema } from 'typebox';
import type { UserInfo } from '../auth/user.ts';
import type { ChangeableFields } from '../fieldmanagement/tracked-fields.ts';
import type { FieldError } from '../meta/field-error.ts';
import type { KubernetesObject } from '../meta/object.ts';
import type { FieldSelector, LabelSelector } from '../meta/selector.ts';
import type { ServedEvent, ServedObject } from '../storage/served-object.ts';

/** Makes objects for one answer, the large ones when there is room for them in memory. */
export interface Assembly {
  /**
   * The object that `assemble` makes; the one before has been taken. `content` is what its size is known by. `assemble` may be called twice:
   * what turns out to be large when there is no room is made again when there is.
   * @throws what `assemble` throws; the reason when the request is aborted while it waits
   */
  make(content: string, assemble: () => Promise<ServedObject>): Promise<ServedObject>;
  /** The client has taken the last object. The end of the answer says so by itself. */
  taken(): void;
}

/** What is known of the request that a strategy or a storage works for. */
export interface RequestContext {
  readonly user: UserInfo;
  /** The namespace of the URL; empty for cluster-scoped resources and lists over all namespaces. */
  readonly namespace: string;
  /** Aborted when the client goes away or the deadline passes; until a commit or push has begun, work stops then. */
  readonly signal: AbortSignal;
  readonly auditId: string;
  readonly userAgent: string;
  /** Adds a `Warning: 299` header to the answer. */
  warn(text: string): void;
  /** Where objects that are made for the answer of a read may wait for their turn. */
  readonly assembly?: Assembly;
  /** Whether the user may do something else, for instance read the Secret that an object names. */
  authorize(attributes: {
    readonly verb: string;
    readonly group: string;
    readonly resource: string;
    readonly namespace: string;
    readonly name: string;
    readonly subresource?: string;
  }): Promise<boolean>;
}

/**
 * The rules of a resource, called before its storage. Hooks that are absent do nothing. Objects handed to `prepare…` and
 * `canonicalize` may be changed in place; others must not be.
 */
export interface Strategy<T extends KubernetesObject> {
  /** Before validation on create: defaults, names, what clients may not set. */
  prepareForCreate?(context: RequestContext, object: T): void;
  /** Refused fields of a new object. */
  validate?(context: RequestContext, object: T): readonly FieldError[];
  /** Before validation on update: what the server owns is carried over from the old object. */
  prepareForUpdate?(context: RequestContext, object: T, old: T): void;
  validateUpdate?(context: RequestContext, object: T, old: T): readonly FieldError[];
  /** After validation, on create and update: one form for equal objects. */
  canonicalize?(object: T): void;
  /** Instead of the update hooks, for the status subresource. */
  prepareForStatusUpdate?(context: RequestContext, object: T, old: T): void;
  validateStatusUpdate?(context: RequestContext, object: T, old: T): readonly FieldError[];
  /** Text shown as warnings to whoever creates or updates the object. */
  warnings?(context: RequestContext, object: T, old: T | undefined): readonly string[];
  /** Whether a PUT without resourceVersion is accepted as unconditional. Default: no. */
  readonly allowUnconditionalUpdate?: boolean;
  /** Whether PUT of a missing object creates it; server-side apply always does, where the resource has create. Default: no. */
  readonly allowCreateOnUpdate?: boolean;
  /**
   * Fields that writes through this endpoint can change; nobody becomes the owner of others. Default: the status endpoint changes
   * `status`, other endpoints of a resource with a status endpoint all the rest, and those of other resources everything.
   */
  readonly changeableFields?: ChangeableFields;
}

/** A column of `kubectl get` (metav1.TableColumnDefinition). */
export interface TableColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format: string;
  readonly description: string;
  /** 0 is always shown, higher ones only with `-o wide`. */
  readonly priority: number;
}

/** Table form of a resource. Column values come from the definition once per change, not once per request. */
export interface TableConvertor<T extends KubernetesObject> {
  readonly columns: readonly TableColumn[];
  /** Cell values in the order of `columns`, which may use `ageCell` and `SinceCell` for what depends on the time of the request. */
  cells(object: T): readonly unknown[];
}

/** Stands for a cell that shows the time since the object's creation, as `kubectl` prints ages. */
export const ageCell: unique symbol = Symbol('age');

/** Stands for a cell that shows the time since another moment: an RFC 3339 time, or the empty string where none is known. */
export class SinceCell {
  readonly time: string;

  constructor(time: string) {
    this.time = time;
  }
}

/** Which objects a list has, and at which revision. */
export interface ListOptions {
  readonly namespace?: string;
  readonly labels?: LabelSelector;
  readonly fields?: FieldSelector;
  /** 0: no limit. */
  readonly limit: number;
  /** Decoded `continue`: the revision of the first page and the last key that was sent. */
  readonly continueAfter?: { readonly revision: number; readonly namespace: string; readonly name: string };
  /** What the client has seen at least; undefined for "latest". */
  readonly resourceVersion?: number;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
}

/** A page of objects at one revision. */
export interface ObjectList {
  readonly revision: number;
  /** In order of namespace, then name. May be an async source where objects are assembled as they are read. */
  readonly items: readonly ServedObject[] | AsyncIterable<ServedObject>;
  readonly continueAfter?: { readonly revision: number; readonly namespace: string; readonly name: string };
  readonly remainingItemCount?: number;
}

/** Which events a watch has, and from where on. */
export interface WatchOptions {
  readonly namespace?: string;
  readonly labels?: LabelSelector;
  readonly fields?: FieldSelector;
  /** Where to start: at the events after a revision, or `initial`, with an ADDED of every match as it is now. */
  readonly start: { readonly after: number } | { readonly initial: true; readonly notOlderThan?: number };
}

/** Receives a watch. Calls come in order; only a storage that makes objects for the watch waits for the sink, by `taken`. */
export interface WatchSink {
  event(event: ServedEvent): void;
  /** All synthetic ADDED events have been handed over; the state is that of `revision`. */
  initialDone(revision: number): void;
  /** Everything up to this revision has been seen; may be called often, the sink decides what becomes a bookmark. */
  progress(revision: number): void;
  /** The watch cannot go on; it ends with an ERROR event. */
  fail(error: Error): void;
  /**
   * Undefined when the client has taken what was handed over, or is gone; else resolves when that is so. What is made for one watch, and
   * not taken, would fill the memory; objects that are there anyway need not wait. Absent where nobody can be behind.
   */
  taken?(): Promise<void> | undefined;
}

/** How something is written. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
}

/** How something is deleted. */
export interface DeleteOptions extends WriteOptions {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly gracePeriodSeconds?: number;
  /** As the client said it; what it means is in `propagationPolicy`. */
  readonly orphanDependents?: boolean;
}

/**
 * Turns the current object into the wanted one: the body of a PUT, or a patch applied, then the strategy. It may run more
 * than once (a patch without resourceVersion is retried when someone else was faster), and must not change its argument.
 * Throws StatusErrors. `current` is undefined where a missing object may be created by update.
 */
export type UpdateFunction<T extends KubernetesObject> = (current: T | undefined) => Promise<T> | T;

/** What a write has come to. */
export interface WriteResult {
  readonly object: ServedObject;
  readonly created: boolean;
}

/**
 * What a resource's objects are kept in. The verbs a resource has are the methods its storage has. All methods throw
 * StatusErrors; anything else is a 500.
 */
export interface ResourceStorage<T extends KubernetesObject> {
  get?(context: RequestContext, name: string): Promise<ServedObject> | ServedObject;
  list?(context: RequestContext, options: ListOptions): Promise<ObjectList> | ObjectList;
  /**
   * Hands events to the sink until the context's signal is aborted. Throws when it cannot start; what is found out later, or asks the
   * client to begin anew (410), goes to the sink.
   */
  watch?(context: RequestContext, options: WatchOptions, sink: WatchSink): Promise<void> | void;
  /** `object` has been through the strategy. */
  create?(context: RequestContext, object: T, options: WriteOptions): Promise<WriteResult>;
  /** Reads, calls `update`, checks the resourceVersion of what it returns, writes. */
  update?(
    context: RequestContext,
    name: string,
    update: UpdateFunction<T>,
    options: WriteOptions,
  ): Promise<WriteResult>;
  delete?(context: RequestContext, name: string, options: DeleteOptions): Promise<DeleteResult>;
  deleteCollection?(context: RequestContext, list: ListOptions, options: DeleteOptions): Promise<ObjectList>;
}

/** `object`: the deleted object, or the one that now waits for its finalizers (`pending`). */
export interface DeleteResult {
  readonly object: ServedObject;
  readonly pending: boolean;
}

/** A subresource such as `approval` or `status`: GET, PUT and PATCH on the parent's objects. */
export interface SubresourceDefinition<T extends KubernetesObject> {
  readonly name: string;
  readonly storage: Pick<ResourceStorage<T>, 'get' | 'update'>;
  readonly strategy: Strategy<T>;
  /** Use the strategy's status hooks. */
  readonly status?: boolean;
}

/** A subresource that objects of another kind are sent to, by POST, as `token` of service accounts. */
export interface ActionDefinition {
  readonly name: string;
  /**
   * The kind that is sent, and answered with: what its storage creates, in the namespace and under the name of the object that it is sent
   * to.
   */
  readonly request: AnyResourceDefinition;
}

/** All that makes a resource: its names, its schema, what is made of it, and where it is kept. */
export interface ResourceDefinition<T extends KubernetesObject = KubernetesObject> {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly namespaced: boolean;
  readonly description: string;
  /** Schema of the whole object without apiVersion, kind and metadata, which the library adds. */
  readonly schema: TSchema;
  readonly strategy: Strategy<T>;
  readonly storage: ResourceStorage<T>;
  readonly subresources?: readonly SubresourceDefinition<T>[];
  readonly actions?: readonly ActionDefinition[];
  readonly table: TableConvertor<T>;
  /** Fields that selectors may name besides metadata.name and metadata.namespace. */
  readonly selectableFields?: SelectableFields<T>;
  /** What the answer 405 to a verb that the resource does not have says besides: what to do instead. */
  readonly methodHint?: string;
  /** What the server writes when a client omits it, applied after decoding (schema defaults are applied by the library). */
  default?(object: T): void;
  /** Brings what a server-side apply says into the words in which objects are kept, where these are others. Changed in place. */
  normalizeApplied?(configuration: T): void;
  /**
   * Says in what has become of an object by an apply that something was taken away, where the strategy would take its absence for a
   * client that has left it out. Changed in place.
   */
  spellOutRemovals?(applied: T, current: T): void;
  /** Why an object stays when its owners are gone, where the garbage collector must not delete it. */
  keptWithoutOwners?(object: T): string | undefined;
  /** Whether `spec` changes count in metadata.generation. */
  readonly hasGeneration?: boolean;
  /** How names are checked, where they need not be DNS subdomains. */
  nameErrors?(name: string): string[];
  /** Whether the server composes names itself, so that a new object needs neither name nor generateName. */
  readonly composesNames?: boolean;
  /**
   * Whether a deletion that is done is answered with the object as it was; otherwise with a Status that names it, as for most kinds of
   * Kubernetes. What waits for its finalizers is shown in either case.
   */
  readonly showsDeleted?: boolean;
  /** Whether clients may send strategic merge patches; kinds that behave like custom resources answer 415. */
  readonly strategicMergePatch?: boolean;
}

/** The fields that selectors may name. */
export interface SelectableFields<T extends KubernetesObject> {
  /** Values by field path, `spec.lifecycle`. Called once per change of an object. */
  of(object: T): Record<string, string>;
  /** Whether a selector may name this field. */
  known(field: string): boolean;
  /** The fields that are known, for those who name another. One stands for many that are alike: `spec.labels[KEY]`. */
  readonly names: readonly string[];
  /**
   * Checks and normalises one requirement, for instance `v3` to `3`.
   * @throws StatusError 400 for a value that can never match
   */
  normalize?(field: string, value: string): string;
  /** Whether a selector for another namespace than that of the request is refused. It finds nothing otherwise, as in Kubernetes. */
  readonly refusesOtherNamespaces?: true;
}

/** The definition as a storage or cache needs it, without its own type. */
// biome-ignore lint/suspicious/noExplicitAny: definitions of all object types stand in one list
export type AnyResourceDefinition = ResourceDefinition<any>;
