import { isDeepStrictEqual } from 'node:util';
import type { FieldEntries } from '../../fieldmanagement/field-ownership.ts';
import { StructureError } from '../../fieldmanagement/list-items.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import { isStatusError, type StatusError, statusErrors } from '../../meta/status.ts';
import { Turns } from '../../meta/turns.ts';
import { sameButTimes } from '../carry-over.ts';
import type { UpdateFunction, WriteResult } from '../resource.ts';
import type { ParsedWriteOptions } from '../write-options.ts';
import { readConfiguration } from './applied-configuration.ts';
import { type FieldRecord, fieldWriter } from './field-record.ts';
import { newObject } from './new-object.ts';
import { decodePatched } from './patched-object.ts';
import { requireCreate } from './require-create.ts';
import { groupResourceOf, type ResourceRequest } from './resource-request.ts';
import { updatedObject } from './updated-object.ts';

function withoutTimes(entries: FieldEntries): unknown {
  return entries?.map(({ time: _, ...entry }) => entry);
}

/**
 * A record that has been made up before the strategy was asked. Where the strategy has put everything back as it was, the apply
 * has not happened.
 */
function recordOf(entries: FieldEntries): FieldRecord {
  return {
    ofNew: () => entries,
    ofUpdated(old, next) {
      const before = old.metadata.managedFields;
      const sameOwners = isDeepStrictEqual(withoutTimes(entries), withoutTimes(before));
      return sameOwners && sameButTimes(next, old) ? structuredClone(before) : entries;
    },
  };
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof StructureError)) throw error;
    throw statusErrors.badRequest(`the configuration cannot be applied: ${error.message}`, { cause: error });
  }
}

/** A configuration that says which object it is for must find that one. */
function checkMayCreate(request: ResourceRequest, { metadata }: KubernetesObject): void {
  const { definition, info } = request;
  for (const [what, value] of [
    ['uid', metadata.uid],
    ['resourceVersion', metadata.resourceVersion],
  ] as const) {
    if (value === undefined || value === '') continue;
    throw statusErrors.conflict(
      groupResourceOf(definition),
      info.name,
      `the configuration has metadata.${what} ${JSON.stringify(value)}, but the object does not exist; remove it to create the object`,
    );
  }
}

/**
 * Prepares a server-side apply. What it returns makes the new state of an object, or a new object where there is none.
 * @throws StatusError
 */
export async function prepareApply(
  request: ResourceRequest,
  body: Buffer,
  options: ParsedWriteOptions,
): Promise<UpdateFunction<KubernetesObject>> {
  const configuration = await readConfiguration(request, body, options.fieldValidation);
  const { ownership } = request.target;
  const writer = { ...fieldWriter(request, options), force: options.force };
  return async (current) => {
    const turns = new Turns();
    if (current === undefined) {
      checkMayCreate(request, configuration);
      const entries = guarded(() => ownership.appliedNew(configuration, writer));
      const { object } = decodePatched(request, configuration);
      return newObject(request, object, recordOf(entries), request.info.name);
    }
    const applied = guarded(() => ownership.apply(current, configuration, writer));
    if (turns.over) await turns.next();
    const { object } = decodePatched(request, applied.object);
    request.definition.spellOutRemovals?.(object, current);
    if (turns.over) await turns.next();
    return updatedObject(request, object, current, recordOf(applied.entries));
  };
}

/** Applies to the object of the request's name; where there is none, it is created. */
export async function updateOrCreate(
  request: ResourceRequest,
  update: UpdateFunction<KubernetesObject>,
  options: ParsedWriteOptions,
): Promise<WriteResult> {
  const { storage, subresource } = request.target;
  const { context, info } = request;
  const create = subresource === '' ? storage.create?.bind(storage) : undefined;
  let existing: StatusError | undefined;
  for (;;) {
    let found = false;
    const updating: UpdateFunction<KubernetesObject> = async (current) => {
      found = true;
      // Some kinds are created by the update itself.
      if (current === undefined) await requireCreate(request);
      return update(current);
    };
    try {
      if (storage.update === undefined) throw statusErrors.genericNotFound();
      return await storage.update(context, info.name, updating, options);
    } catch (error) {
      if (found || create === undefined || !isStatusError(error, 'NotFound')) throw error;
    }
    // Neither there nor to be created: what stands in the way is another object.
    if (existing !== undefined) throw existing;
    await requireCreate(request);
    try {
      return await create(context, await update(undefined), options);
    } catch (error) {
      if (!isStatusError(error, 'AlreadyExists')) throw error;
      existing = error;
    }
  }
}
