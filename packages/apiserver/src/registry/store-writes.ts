import { randomUUID } from 'node:crypto';
import { groupResource, type KubernetesObject, toTime } from '../meta/object.ts';
import { type GroupResource, isStatusError, statusErrors } from '../meta/status.ts';
import { Turns } from '../meta/turns.ts';
import { isBeingDeleted } from '../storage/being-deleted.ts';
import { encodeObject } from '../storage/encode.ts';
import { serveObject, serveStored } from '../storage/served.ts';
import type { ServedObject } from '../storage/served-object.ts';
import { type Change, type ObjectKey, PreconditionFailedError, type WriteOperation } from '../storage/store.ts';
import { carryOver, sameButTimes } from './carry-over.ts';
import { awaitingFinalizers } from './deletion.ts';
import { untilCurrent } from './fresh-revision.ts';
import { checkPreconditions, checkUpdated } from './preconditions.ts';
import type {
  DeleteOptions,
  DeleteResult,
  RequestContext,
  UpdateFunction,
  WriteOptions,
  WriteResult,
} from './resource.ts';
import { withServerMetadata } from './server-metadata.ts';
import type { StoreStorageOptions } from './store-storage.ts';

const generateNameAttempts = 8;
const deletesAtOnce = 64;

/** The writing verbs of a storage over the store. Every write is conditional on the state it was computed from. */
export class StoreWrites<T extends KubernetesObject> {
  readonly #options: StoreStorageOptions<T>;
  readonly #resource: GroupResource;
  readonly #stored: string;

  constructor(options: StoreStorageOptions<T>) {
    const { group, plural } = options.resource;
    this.#options = options;
    this.#resource = { group, resource: plural };
    this.#stored = groupResource(plural, group);
  }

  async create(context: RequestContext, object: T, options: WriteOptions): Promise<WriteResult> {
    const generated = !object.metadata.name;
    for (let attempt = 1; ; attempt++) {
      const created = this.#prepareNew(context, object);
      const { name = '' } = created.metadata;
      try {
        const change = await this.#commit(context, this.#put(context, created, 0), options);
        return { object: this.#serve(change, undefined), created: true };
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error;
        if (!generated) throw this.#alreadyThere(context, name);
        if (attempt >= generateNameAttempts) throw this.#noUniqueName(name);
      }
    }
  }

  async update(
    context: RequestContext,
    name: string,
    update: UpdateFunction<T>,
    options: WriteOptions,
  ): Promise<WriteResult> {
    return this.#untilSettled(context, async () => {
      const current = this.#find(context, name);
      if (current === undefined) return this.#createOnUpdate(context, name, update, options);
      const turns = new Turns();
      const old = current.decode<T>();
      const wanted = await update(current.decode<T>());
      if (turns.over) await turns.next();
      checkUpdated(this.#resource, current, wanted.metadata);
      const next = carryOver(wanted, old, this.#options.resource.hasGeneration ?? false);
      if (sameButTimes(next, old)) return { object: current, created: false };
      if (turns.over) await turns.next();
      const { deletionTimestamp, finalizers = [] } = next.metadata;
      if (deletionTimestamp !== undefined && finalizers.length === 0) {
        const change = await this.#commit(context, this.#remove(current), options);
        return { object: this.#assemble(next, change, current), created: false };
      }
      const change = await this.#commit(context, this.#put(context, next, current.revision), options);
      return { object: this.#serve(change, current), created: false };
    });
  }

  async delete(context: RequestContext, name: string, options: DeleteOptions): Promise<DeleteResult> {
    if (this.#options.garbageCollected !== true) refuseOwnership(options.propagationPolicy);
    return this.#untilSettled(context, async () => {
      const current = this.#find(context, name);
      if (current === undefined) throw statusErrors.notFound(this.#resource, name);
      checkPreconditions(this.#resource, current, options.preconditions);
      await this.#options.beforeDelete?.(context, current.decode<T>());
      const object = current.decode<T>();
      const metadata = awaitingFinalizers(object.metadata, {
        policy: options.propagationPolicy,
        now: this.#now(),
        hasGeneration: this.#options.resource.hasGeneration ?? false,
      });
      if (metadata === undefined) {
        const change = await this.#commit(context, this.#remove(current), options);
        return { object: this.#serve(change, current), pending: false };
      }
      if (metadata === object.metadata) return { object: current, pending: true };
      const waiting = { ...object, metadata };
      const held = this.#options.deleting?.(waiting) ?? waiting;
      const change = await this.#commit(context, this.#put(context, held, current.revision), options);
      return { object: this.#serve(change, current), pending: true };
    });
  }

  /** Deletes each of the objects and returns those that it found. */
  async deleteAll(
    context: RequestContext,
    objects: readonly ServedObject[],
    options: DeleteOptions,
  ): Promise<ServedObject[]> {
    const deleted: ServedObject[] = [];
    for (let at = 0; at < objects.length; at += deletesAtOnce) {
      const results = await Promise.allSettled(
        objects
          .slice(at, at + deletesAtOnce)
          .map(({ key }) => this.delete({ ...context, namespace: key.namespace }, key.name, options)),
      );
      for (const result of results) {
        if (result.status === 'fulfilled') deleted.push(result.value.object);
        else if (!isStatusError(result.reason, 'NotFound')) throw result.reason;
      }
    }
    return deleted;
  }

  /** Tries again, from what is there now, when someone else was faster. A demanded resourceVersion is refused by then. */
  async #untilSettled<R>(context: RequestContext, attempt: () => Promise<R>): Promise<R> {
    const waiting = untilCurrent(this.#options.cache, context.signal);
    if (waiting !== undefined) await waiting;
    for (;;) {
      context.signal.throwIfAborted();
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error;
        await this.#options.cache.reached(error.actual, context.signal);
      }
    }
  }

  async #createOnUpdate(
    context: RequestContext,
    name: string,
    update: UpdateFunction<T>,
    options: WriteOptions,
  ): Promise<WriteResult> {
    if (this.#options.createOnUpdate !== true) throw statusErrors.notFound(this.#resource, name);
    const created = this.#prepareNew(context, await update(undefined));
    const change = await this.#commit(context, this.#put(context, created, 0), options);
    return { object: this.#serve(change, undefined), created: true };
  }

  #prepareNew(context: RequestContext, object: T): T {
    const { group, kind, namespaced, hasGeneration = false } = this.#options.resource;
    return withServerMetadata(object, {
      kind: { group, kind },
      namespace: namespaced ? context.namespace : '',
      uid: randomUUID(),
      now: this.#now(),
      hasGeneration,
    });
  }

  #now(): string {
    return toTime(this.#options.now?.() ?? new Date());
  }

  #key(context: RequestContext, name: string): ObjectKey {
    return { resource: this.#stored, namespace: this.#options.resource.namespaced ? context.namespace : '', name };
  }

  #find(context: RequestContext, name: string): ServedObject | undefined {
    return this.#options.cache.get(this.#key(context, name));
  }

  #put(context: RequestContext, object: T, expected: number): WriteOperation {
    const { name = '', uid = '' } = object.metadata;
    return { type: 'put', key: this.#key(context, name), uid, value: encodeObject(object), expected };
  }

  #remove(current: ServedObject): WriteOperation {
    return { type: 'delete', key: current.key, expected: current.revision };
  }

  async #commit(context: RequestContext, operation: WriteOperation, options: WriteOptions): Promise<Change> {
    context.signal.throwIfAborted();
    const { changes } = await this.#options.store.commit({ operations: [operation] }, { dryRun: options.dryRun });
    const change = changes[0];
    if (change === undefined)
      throw new Error(`writing ${operation.key.resource} ${operation.key.name} changed nothing`);
    if (!options.dryRun) await this.#options.afterCommit?.(context, change);
    return change;
  }

  /** What was written. A dry run took no revision: it shows that of the state before. */
  #serve(change: Change, before: ServedObject | undefined): ServedObject {
    if (change.revision === 0) {
      return serveStored({ ...change.object, revision: before?.revision ?? 0 }, this.#options.rules);
    }
    const cached = change.type === 'put' ? this.#options.cache.get(change.object.key) : undefined;
    return cached?.revision === change.revision ? cached : serveStored(change.object, this.#options.rules);
  }

  /** The last state of an object that went away with its last finalizer. */
  #assemble(object: T, change: Change, before: ServedObject): ServedObject {
    const revision = change.revision === 0 ? before.revision : change.revision;
    return serveObject(object, { resource: this.#stored, revision, rules: this.#options.rules });
  }

  /** In Kubernetes' words: clients wait where the name will be free again. */
  #alreadyThere(context: RequestContext, name: string) {
    const error = statusErrors.alreadyExists(this.#resource, name);
    const there = this.#find(context, name);
    if (there !== undefined && isBeingDeleted(there))
      error.status.message = `object is being deleted: ${error.message}`;
    return error;
  }

  #noUniqueName(name: string) {
    const error = statusErrors.alreadyExists(this.#resource, name);
    error.status.message = `${error.message}, the server was not able to generate a unique name for the object`;
    error.status.details = { ...error.status.details, retryAfterSeconds: 1 };
    return error;
  }
}

function refuseOwnership(policy: DeleteOptions['propagationPolicy']): void {
  if (policy === undefined || policy === 'Background') return;
  throw statusErrors.badRequest(
    `propagationPolicy ${policy} is not supported: this server has no garbage collector that would act on owner references; use Background`,
  );
}
