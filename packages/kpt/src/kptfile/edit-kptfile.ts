import { isMap, isSeq, type YAMLSeq } from 'yaml';
import { keyComment, setKeyComment } from '../yaml/key-comments.ts';
import type { KrmObject } from '../yaml/krm-object.ts';
import { assignValue, createNode, type FieldPath, type FieldValue, keyText } from '../yaml/node-edits.ts';
import { KptfileReader } from './kptfile-reader.ts';
import { kptfileShape } from './shape.ts';
import type { KptfileCondition, KptfileUpstream, KptfileUpstreamLock } from './types.ts';

/**
 * Reads a Kptfile, lets `change` edit it in place, and prints it; comments, order and formatting of the rest stay.
 *
 * @throws PackageError where the Kptfile cannot be read
 */
export function editKptfile(path: string, text: string, change: (kptfile: KrmObject) => void): string {
  return new KptfileReader().edit(path, text, change);
}

/** Sets `metadata.name`. */
export function setKptfileName(kptfile: KrmObject, name: string): void {
  setField(kptfile, ['metadata', 'name'], name);
}

/** Sets where the package comes from; what was there is replaced, an update strategy included. */
export function setUpstream(kptfile: KrmObject, upstream: KptfileUpstream, lock: KptfileUpstreamLock): void {
  setField(kptfile, ['upstream'], { type: upstream.type, git: { ...upstream.git } });
  setField(kptfile, ['upstreamLock'], { type: lock.type, git: { ...lock.git } });
}

/** Sets where the package comes from now; an update strategy that it has chosen stays. */
export function moveUpstream(kptfile: KrmObject, upstream: KptfileUpstream, lock: KptfileUpstreamLock): void {
  setField(kptfile, ['upstream', 'type'], upstream.type);
  setField(kptfile, ['upstream', 'git'], { ...upstream.git });
  setField(kptfile, ['upstreamLock'], { type: lock.type, git: { ...lock.git } });
}

/** Sets labels or annotations: added to what there is, or in its place. */
export function setMetadataMap(
  kptfile: KrmObject,
  field: 'labels' | 'annotations',
  values: Readonly<Record<string, string>>,
  merge: boolean,
): void {
  if (merge) {
    changeField(kptfile, 'metadata', () => kptfile.setAll(['metadata', field], new Map(Object.entries(values))));
  } else if (Object.keys(values).length === 0) {
    kptfile.delete(['metadata', field]);
  } else {
    setField(kptfile, ['metadata', field], values);
  }
}

/** Makes the readiness gates exactly these; those that stay keep their order and comments. */
export function setReadinessGates(kptfile: KrmObject, gates: readonly { readonly conditionType: string }[]): void {
  setKeyedList(
    kptfile,
    ['info', 'readinessGates'],
    'conditionType',
    gates.map(({ conditionType }) => ({ conditionType })),
  );
}

/** Makes the conditions exactly these; those that stay keep their order and comments. */
export function setConditions(kptfile: KrmObject, conditions: readonly KptfileCondition[]): void {
  setKeyedList(kptfile, ['status', 'conditions'], 'type', conditions.map(conditionFields));
}

/** Adds a condition, or updates the one of its type. */
export function setCondition(kptfile: KrmObject, condition: KptfileCondition): void {
  setKeyedList(kptfile, ['status', 'conditions'], 'type', [conditionFields(condition)], false);
}

/** Sets `status.renderStatus`; undefined removes it. */
export function setRenderStatus(kptfile: KrmObject, status: FieldValue | undefined): void {
  if (status === undefined) kptfile.delete(['status', 'renderStatus']);
  else setField(kptfile, ['status', 'renderStatus'], status);
}

function conditionFields({ type, status, reason, message }: KptfileCondition): {
  [key: string]: FieldValue | undefined;
} {
  return { type, status, reason: reason || undefined, message: message || undefined };
}

const topFields = Object.keys(kptfileShape.fields);

function setField(kptfile: KrmObject, path: readonly [string, ...FieldPath], value: FieldValue): void {
  changeField(kptfile, path[0], () => kptfile.set(path, value));
}

/** Changes what is below a top field, by what says whether anything changed; a new one is put where kpt would write it. */
function changeField(kptfile: KrmObject, top: string, change: () => boolean): void {
  const { root } = kptfile;
  const isNew = kptfile.node([top]) === undefined;
  if (!change() || !isNew || root === undefined) return;
  const added = root.items.pop();
  if (added === undefined) return;
  const rank = topFields.indexOf(top);
  const next = root.items.findIndex((pair) => topFields.indexOf(keyText(pair.key)) > rank);
  root.items.splice(next < 0 ? root.items.length : next, 0, added);
}

function setKeyedList(
  kptfile: KrmObject,
  path: readonly [string, ...FieldPath],
  key: string,
  values: readonly { [key: string]: FieldValue | undefined }[],
  exact = true,
): void {
  const { document } = kptfile;
  if (values.length === 0) {
    removeWithEmptyParent(kptfile, path);
    return;
  }
  const list = kptfile.node(path);
  if (!isSeq(list) || list.items.length === 0) {
    setField(kptfile, path, values);
    return;
  }
  const wanted = new Map(values.map((value) => [value[key], value]));
  const seen = new Set<unknown>();
  const [first] = list.items;
  list.items = list.items.filter((item) => {
    const name = isMap(item) ? item.get(key) : undefined;
    const value = wanted.get(name as FieldValue);
    if (value === undefined || seen.has(name)) return !exact && !seen.has(name);
    seen.add(name);
    assignValue(document, item, value);
    return true;
  });
  if (list.items[0] !== first && !list.flow) removeLinesAbove(list);
  for (const value of values) {
    if (!seen.has(value[key])) list.items.push(createNode(document, value));
  }
}

/** Removes the comment lines above the first element of a list, which the parser gives to the list itself. */
function removeLinesAbove(list: YAMLSeq): void {
  const beside = keyComment(list);
  list.commentBefore = null;
  if (beside !== undefined) setKeyComment(list, beside);
}

function removeWithEmptyParent(kptfile: KrmObject, path: FieldPath): void {
  if (!kptfile.delete(path)) return;
  const parent = kptfile.node(path.slice(0, -1));
  if (isMap(parent) && parent.items.length === 0) kptfile.delete(path.slice(0, -1));
}
