import { ownerlessMetadata } from '../../fieldmanagement/tracked-fields.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import { statusErrors } from '../../meta/status.ts';
import { decodeAppliedBody } from '../../schema/decode.ts';
import type { FieldValidation } from '../write-options.ts';
import { readingOf, reportProblems } from './input.ts';
import { checkName, checkNamespace, dropUnsetVersion } from './object-identity.ts';
import type { ResourceRequest } from './resource-request.ts';

const unknownField = 'unknown field ';

/** A field that is not in the schema cannot be applied: nothing would keep it, and its manager would never notice. */
function checkDeclared(configuration: KubernetesObject, problems: readonly string[]): void {
  const undeclared = problems.filter((problem) => problem.startsWith(unknownField));
  if (undeclared.length === 0) return;
  const fields = undeclared.map((problem) => `.${String(JSON.parse(problem.slice(unknownField.length)))}`);
  const { apiVersion, kind, metadata } = configuration;
  const named = [metadata.namespace, metadata.name].filter((part) => part !== undefined).join('/');
  throw statusErrors.badRequest(
    `failed to create typed patch object (${named}; ${apiVersion}, Kind=${kind}): ` +
      fields.map((field) => `${field}: field not declared in schema`).join(', '),
  );
}

/** Of what nobody can own, a null says nothing. */
function dropOwnerlessNulls({ metadata }: KubernetesObject): void {
  for (const [name, value] of Object.entries(metadata)) {
    if (value === null && ownerlessMetadata.includes(name)) Reflect.deleteProperty(metadata, name);
  }
}

/**
 * Reads the configuration in the body of a server-side apply.
 * @throws StatusError 400 for one of another object, with managed fields, or with fields that the schema does not have
 */
export async function readConfiguration(
  request: ResourceRequest,
  body: Buffer,
  validation: FieldValidation,
): Promise<KubernetesObject> {
  const { definition, info } = request;
  const { object, problems } = await decodeAppliedBody<KubernetesObject>(definition, body, readingOf(request));
  dropOwnerlessNulls(object);
  object.metadata.name ||= info.name;
  checkName(object, info.name);
  checkNamespace(object, info.namespace, definition.namespaced);
  if (object.metadata.managedFields !== undefined) {
    throw statusErrors.badRequest('metadata.managedFields must be nil: remove it from the configuration to be applied');
  }
  dropUnsetVersion(object);
  if (object.metadata.uid === '') delete object.metadata.uid;
  reportProblems(request, problems, validation);
  checkDeclared(object, problems);
  definition.normalizeApplied?.(object);
  return object;
}
