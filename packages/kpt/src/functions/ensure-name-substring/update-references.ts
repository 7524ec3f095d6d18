import { isMap, isScalar, isSeq } from 'yaml';
import type { KrmObject } from '../../yaml/krm-object.ts';
import type { FieldPath } from '../../yaml/node-edits.ts';
import { dependsOnAnnotation } from '../depends-on-annotation.ts';
import { fieldsOfSpec } from '../field-spec.ts';
import type { GroupVersionKind } from '../group-version-kind.ts';
import { nameReferences } from './name-references.ts';
import { type RenamedObjects, referenceNamespace } from './renamed-objects.ts';

/** Lets an object's references and its depends-on annotation follow the objects that were renamed. */
export function updateReferences(object: KrmObject, renamed: RenamedObjects): void {
  const changes = nameReferences.flatMap(({ target, fields }) =>
    fields.flatMap((spec) => fieldsOfSpec(object, spec).flatMap((path) => changesAt(object, path, target, renamed))),
  );
  // Applied at the end, so that no reference follows a name that another one was just given.
  for (const { path, name } of changes) object.set(path, name);
  updateDependsOn(object, renamed);
}

interface Change {
  readonly path: FieldPath;
  readonly name: string;
}

function changesAt(object: KrmObject, path: FieldPath, target: GroupVersionKind, renamed: RenamedObjects): Change[] {
  const node = object.node(path);
  if (isSeq(node)) return node.items.flatMap((_, index) => changesAt(object, [...path, index], target, renamed));
  if (isMap(node)) return changeOfMapping(object, path, target, renamed);
  const old = isScalar(node) ? object.getString(path) : undefined;
  if (old === undefined) return [];
  const name = renamed.newName(target, old, referenceNamespace(object));
  return name === undefined ? [] : [{ path, name }];
}

/** A reference that may say kind and namespace of what it names. */
function changeOfMapping(
  object: KrmObject,
  path: FieldPath,
  target: GroupVersionKind,
  renamed: RenamedObjects,
): Change[] {
  const kind = object.getString([...path, 'kind']);
  const old = object.getString([...path, 'name']);
  if (old === undefined || (kind !== undefined && kind !== target.kind)) return [];
  const namespace = object.getString([...path, 'namespace']) || referenceNamespace(object);
  const name = renamed.newName(target, old, namespace);
  return name === undefined ? [] : [{ path: [...path, 'name'], name }];
}

/** References are `group/namespaces/namespace/kind/name`, or `group/kind/name` for objects of the whole cluster. */
function updateDependsOn(object: KrmObject, renamed: RenamedObjects): void {
  const value = object.annotation(dependsOnAnnotation);
  if (value === undefined) return;
  const updated = value.split(',').map((reference) => {
    const text = reference.trim();
    const parts = text.split('/');
    const [group = '', , namespace = ''] = parts;
    const inNamespace = parts.length === 5 && parts[1] === 'namespaces';
    if (!inNamespace && parts.length !== 3) return reference;
    const [kind = '', old = ''] = parts.slice(-2);
    const name = renamed.newName({ group, kind }, old, inNamespace ? namespace : undefined);
    return name === undefined ? reference : reference.replace(text, () => [...parts.slice(0, -1), name].join('/'));
  });
  object.setAnnotation(dependsOnAnnotation, updated.join(','));
}
