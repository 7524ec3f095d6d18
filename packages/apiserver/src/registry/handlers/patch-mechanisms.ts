import { fieldError } from '../../meta/field-error.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import { statusErrors } from '../../meta/status.ts';
import { Turns } from '../../meta/turns.ts';
import { prepareJsonPatch } from '../../patch/json-patch.ts';
import { prepareMergePatch } from '../../patch/merge-patch.ts';
import { PatchError, type PreparedPatch } from '../../patch/prepared-patch.ts';
import { readPatch } from '../../patch/read-patch.ts';
import { prepareStrategicMergePatch } from '../../patch/strategic-merge-patch.ts';
import { type PatchMediaType, patchMediaTypes } from '../../schema/openapi-operations.ts';
import type { ReadValue } from '../../schema/read-json.ts';
import type { AnyResourceDefinition, UpdateFunction } from '../resource.ts';
import type { ParsedWriteOptions } from '../write-options.ts';
import { prepareApply } from './apply.ts';
import { recordOfUpdates } from './field-record.ts';
import { readingOf, reportProblems } from './input.ts';
import { checkName, checkNamespace, dropUnsetVersion } from './object-identity.ts';
import { decodePatched, refusedPatch } from './patched-object.ts';
import { groupKindOf, groupResourceOf, type ResourceRequest } from './resource-request.ts';
import { throughStrategy } from './update.ts';

/** One way to patch, chosen by the media type of the body. */
export interface PatchMechanism {
  /** Whether it is server-side apply, which has options of its own and may create. */
  readonly isApply: boolean;
  /**
   * Reads the body once; what it returns may be called several times, with the newest state each time.
   * @throws StatusError
   */
  prepare(
    request: ResourceRequest,
    body: Buffer,
    options: ParsedWriteOptions,
  ): Promise<UpdateFunction<KubernetesObject>>;
}

function asRequestError(request: ResourceRequest, error: unknown): unknown {
  if (!(error instanceof PatchError)) return error;
  if (error.code === 400) return statusErrors.badRequest(error.message, { cause: error });
  return statusErrors.invalid(groupKindOf(request.definition), request.info.name, [
    fieldError.invalid('patch', error.subject, error.message),
  ]);
}

/** A mechanism that turns the JSON of an existing object into other JSON. */
function onExisting(prepare: (read: ReadValue, request: ResourceRequest) => PreparedPatch): PatchMechanism {
  return {
    isApply: false,
    async prepare(request, body, options) {
      const guarded = <T>(work: () => T): T => {
        try {
          return work();
        } catch (error) {
          throw asRequestError(request, error);
        }
      };
      const reading = readingOf(request);
      const read = await readPatch(body, (bytes) => reading(bytes, 'json')).catch((error: unknown) => {
        throw asRequestError(request, error);
      });
      const patch = guarded(() => prepare(read, request));
      const { definition, info } = request;
      const record = recordOfUpdates(request, options);
      return async (current) => {
        const turns = new Turns();
        if (current === undefined) throw statusErrors.notFound(groupResourceOf(definition), info.name);
        const patched = guarded(() => patch.apply(current));
        if (turns.over) await turns.next();
        const { object, problems } = decodePatched(request, patched);
        reportProblems(request, [...patch.problems, ...problems], options.fieldValidation, (found) =>
          refusedPatch(request, `strict decoding error: ${found.join(', ')}`),
        );
        checkName(object, info.name);
        checkNamespace(object, info.namespace, definition.namespaced);
        dropUnsetVersion(object);
        object.metadata.resourceVersion ??= current.metadata.resourceVersion ?? '';
        if (turns.over) await turns.next();
        return throughStrategy(request, object, current, record);
      };
    },
  };
}

const mechanisms: Readonly<Record<PatchMediaType, PatchMechanism>> = {
  'application/apply-patch+yaml': { isApply: true, prepare: prepareApply },
  'application/json-patch+json': onExisting((read, { services }) =>
    prepareJsonPatch(read, services.bodyLimits.maxBodyBytes),
  ),
  'application/merge-patch+json': onExisting((read) => prepareMergePatch(read)),
  'application/strategic-merge-patch+json': onExisting((read, { definition }) =>
    prepareStrategicMergePatch(read, definition.schema),
  ),
};

/** The mechanism for a media type, or undefined where the resource has none. */
export function patchMechanism(definition: AnyResourceDefinition, mediaType: string): PatchMechanism | undefined {
  const known = patchMediaTypes(definition).find((type) => type === mediaType);
  return known && mechanisms[known];
}
