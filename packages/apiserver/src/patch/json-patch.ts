import jsonPatch, { type Operation } from 'fast-json-patch';
import { type StatusError, statusErrors } from '../meta/status.ts';
import { maxProblems } from '../schema/decoding.ts';
import type { ReadValue } from '../schema/read-json.ts';
import { PatchError, type PreparedPatch } from './prepared-patch.ts';
import { isObject } from './read-patch.ts';

const maxOperations = 10_000;

const reasons: Readonly<Record<string, string>> = {
  TEST_OPERATION_FAILED: 'the value is not the one it tests for',
  OPERATION_PATH_UNRESOLVABLE: 'there is nothing at the path',
  OPERATION_FROM_UNRESOLVABLE: 'there is nothing at "from"',
  OPERATION_PATH_CANNOT_ADD: 'a part of the path does not exist',
  OPERATION_PATH_INVALID: 'the path must be text that begins with a slash',
  OPERATION_FROM_REQUIRED: '"from" is missing',
  OPERATION_VALUE_REQUIRED: '"value" is missing',
  OPERATION_OP_INVALID: '"op" must be add, remove, replace, move, copy or test',
  OPERATION_PATH_ILLEGAL_ARRAY_INDEX: 'the path must name an element of the list by its number',
  OPERATION_VALUE_OUT_OF_BOUNDS: 'the index is beyond the end of the list',
};

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

function errorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** Whether a path names a member that its object does not have. Throws where there is no such object. */
function isAbsentMember(document: unknown, path: string): boolean {
  const last = path.lastIndexOf('/');
  if (last < 0) return false;
  const holder: unknown = jsonPatch.getValueByPointer(document, path.slice(0, last));
  return isObject(holder) && !Object.hasOwn(holder, jsonPatch.unescapePathComponent(path.slice(last + 1)));
}

/**
 * The operation as RFC 6902 has it. In Kubernetes a member that an object does not have is as good as null: clients test that there is
 * none, and replace what may not be there yet. Undefined where there is nothing left to do.
 */
function withAbsentAsNull(document: unknown, operation: Operation): Operation | undefined {
  if (operation.op !== 'test' && operation.op !== 'replace') return operation;
  if (!isAbsentMember(document, operation.path)) return operation;
  if (operation.op === 'replace') return { ...operation, op: 'add' };
  return operation.value === null ? undefined : operation;
}

/**
 * A JSON patch (RFC 6902), with a member that is absent taken for null, as Kubernetes does. Everything that its copy operations add up to is bounded by `maxCopiedBytes`, since a few of them
 * can double a document many times over.
 * @throws PatchError, StatusError 413 for too many operations
 */
export function prepareJsonPatch({ value, problems }: ReadValue, maxCopiedBytes: number): PreparedPatch {
  const operations = readOperations(value);

  const apply = (current: unknown): unknown => {
    let document: unknown = structuredClone(current);
    let copied = 0;
    operations.forEach((operation, index) => {
      const subject = describe(operation, index);
      try {
        if (operation.op === 'copy') {
          copied += JSON.stringify(jsonPatch.getValueByPointer(document, operation.from) ?? null).length;
          if (copied > maxCopiedBytes) {
            throw new PatchError(422, subject, `the patch copies more than ${maxCopiedBytes} bytes`);
          }
        }
        const effective = withAbsentAsNull(document, operation);
        if (effective === undefined) return;
        document = jsonPatch.applyOperation(document, effective, true, true, true, index).newDocument;
      } catch (error) {
        if (error instanceof PatchError) throw error;
        throw new PatchError(422, subject, reasons[errorName(error)] ?? 'it cannot be applied', { cause: error });
      }
    });
    return document;
  };

  return { problems: [...problems, ...unknownMembers(operations)], apply };
}
