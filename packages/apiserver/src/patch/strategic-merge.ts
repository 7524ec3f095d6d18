import { isObject, setMember } from '../meta/json-object.ts';
import type { ListRule, MergeRules } from './merge-rules.ts';
import { PatchError } from './prepared-patch.ts';
import { mergeByKey, mergeValues } from './strategic-lists.ts';

type Json = Record<string, unknown>;

const deleteFrom = '$deleteFromPrimitiveList/';
const elementOrder = '$setElementOrder/';

/** The refusal of a directive that makes no sense where it stands. */
export function malformed(path: string, message: string): PatchError {
  return new PatchError(
    400,
    path === '' ? 'patch' : path,
    `strategic merge patch${path === '' ? '' : ` at ${path}`}: ${message}`,
  );
}

function isDirective(key: string): boolean {
  return key === '$patch' || key === '$retainKeys' || key.startsWith(deleteFrom) || key.startsWith(elementOrder);
}

function below(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** Names of the fields that a patch says something about: its own, and those that only a directive names. */
function fieldsOf(patch: Json): Set<string> {
  const fields = new Set<string>();
  for (const key of Object.keys(patch)) {
    if (key.startsWith(deleteFrom)) fields.add(key.slice(deleteFrom.length));
    else if (key.startsWith(elementOrder)) fields.add(key.slice(elementOrder.length));
    else if (!isDirective(key)) fields.add(key);
  }
  return fields;
}

function listDirective(patch: Json, prefix: string, field: string, path: string): unknown[] | undefined {
  const value = patch[`${prefix}${field}`];
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw malformed(below(path, field), `${prefix}${field} must be a list`);
  return value;
}

/** `$retainKeys`: fields that are not listed go; those that the patch sets must be listed. */
function retainKeys(live: Json, patch: Json, path: string): void {
  const names = patch['$retainKeys'];
  if (names === undefined) return;
  if (!Array.isArray(names)) throw malformed(path, '$retainKeys must be a list of field names');
  const listed = new Set<unknown>(names);
  for (const key of fieldsOf(patch)) {
    if (patch[key] !== null && !listed.has(key)) {
      throw malformed(path, `$retainKeys must list ${JSON.stringify(key)}, which the patch sets`);
    }
  }
  for (const key of Object.keys(live)) {
    if (!listed.has(key)) delete live[key];
  }
}

function withoutDirective(patch: Json): Json {
  const { $patch: _, ...rest } = patch;
  return rest;
}

/** Merges a patch into an object, which is changed and returned (or replaced, where the patch says so). */
export function mergeObjects(live: Json, patch: Json, rules: MergeRules, path: string): Json {
  const directive = patch['$patch'];
  if (directive === 'replace') return withoutDirective(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw malformed(path, `$patch must be "replace", "delete" or "merge", not ${JSON.stringify(directive)}`);
  }
  retainKeys(live, patch, path);
  for (const field of fieldsOf(patch)) {
    const merged = mergeField(live, patch, field, rules.field(field), below(path, field), path);
    if (merged === undefined) delete live[field];
    else setMember(live, field, merged);
  }
  return live;
}

/** The merged value of one field; undefined when it is to go. */
function mergeField(live: Json, patch: Json, field: string, rules: MergeRules, path: string, parent: string): unknown {
  const current = Object.hasOwn(live, field) ? live[field] : undefined;
  const removed = listDirective(patch, deleteFrom, field, parent);
  const order = listDirective(patch, elementOrder, field, parent);
  const given = Object.hasOwn(patch, field);
  const wanted = given ? patch[field] : Array.isArray(current) ? [] : undefined;
  if (given && wanted === null) return undefined;
  if (isObject(wanted)) return mergeObjects(isObject(current) ? current : {}, wanted, rules, path);
  if (!Array.isArray(wanted)) return given ? wanted : current;
  return mergeLists(Array.isArray(current) ? current : [], wanted, { removed, order, given }, rules, path);
}

interface ListDirectives {
  readonly removed: unknown[] | undefined;
  readonly order: unknown[] | undefined;
  /** Whether the patch has the list itself, not only directives about it. */
  readonly given: boolean;
}

function mergeLists(
  live: unknown[],
  patch: unknown[],
  directives: ListDirectives,
  rules: MergeRules,
  path: string,
): unknown[] {
  const { removed, order, given } = directives;
  if (patch.some(Array.isArray)) throw new PatchError(422, path, 'lists of lists cannot be merged');
  const rule: ListRule = rules.list;
  if (rule.type === 'replace') return given ? patch : live;
  if (rule.type === 'mergeValues') return mergeValues(live, patch, removed, order, path);
  return mergeByKey(live, patch, rule.key, order, path, (old, item) => mergeObjects(old, item, rules.items, path));
}
