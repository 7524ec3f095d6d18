import { copyJson } from '../meta/copy-json.ts';
import { isObject } from '../meta/json-object.ts';
import { type StatusError, statusErrors } from '../meta/status.ts';
import { maxProblems } from '../schema/decoding.ts';
import type { ReadValue } from '../schema/read-json.ts';
import { type Operation, OperationError, PatchedDocument } from './patched-document.ts';
import { PatchError, type PreparedPatch } from './prepared-patch.ts';

const maxOperations = 10_000;

function describe(operation: Operation, index: number): string {
  return `operation ${index} (${String(operation.op)} ${JSON.stringify(operation.path)})`;
}

function isOperation(value: unknown): value is Operation {
  return isObject(value) && typeof value['op'] === 'string' && typeof value['path'] === 'string';
}

function tooManyOperations(found: number): StatusError {
  return statusErrors.tooLarge(`The allowed maximum operations in a JSON patch is ${maxOperations}, got ${found}`);
}

function readOperations(value: unknown): readonly Operation[] {
  if (!Array.isArray(value)) throw new PatchError(400, 'patch', 'a JSON patch must be a list of operations');
  if (value.length > maxOperations) {
    throw tooManyOperations(value.length);
  }
  value.forEach((operation, index) => {
    if (!isOperation(operation)) {
      throw new PatchError(400, 'patch', `operation ${index} of the JSON patch needs "op" and "path"`);
    }
  });
  return value;
}

const members = new Set(['op', 'path', 'from', 'value']);

/** What operations say that JSON patches do not know: most likely a misspelt word. */
function unknownMembers(operations: readonly Operation[]): string[] {
  const found: string[] = [];
  for (const [index, operation] of operations.entries()) {
    for (const member of Object.keys(operation)) {
      if (found.length === maxProblems) return found;
      if (!members.has(member)) found.push(`json patch unknown field ${JSON.stringify(`[${index}].${member}`)}`);
    }
  }
  return found;
}

/**
 * A JSON patch (RFC 6902), with a member that is absent taken for null, as Kubernetes does. Everything that its copy operations add up
 * to is bounded by `maxCopiedBytes`, since a few of them can double a document many times over.
 * @throws PatchError, StatusError 413 for too many operations
 */
export function prepareJsonPatch({ value, problems }: ReadValue, maxCopiedBytes: number): PreparedPatch {
  const operations = readOperations(value);

  const apply = (current: unknown): unknown => {
    const document = new PatchedDocument(copyJson(current), maxCopiedBytes);
    operations.forEach((operation, index) => {
      try {
        document.apply(operation);
      } catch (error) {
        // All else comes of documents that are nested too deep.
        const why = error instanceof OperationError ? error.message : 'it cannot be applied';
        throw new PatchError(422, describe(operation, index), why, { cause: error });
      }
    });
    return document.root;
  };

  return { problems: [...problems, ...unknownMembers(operations)], apply };
}
