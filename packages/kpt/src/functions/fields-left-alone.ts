import { Document, isSeq } from 'yaml';
import { DecodeError, decodeDocument } from '../kptfile/decode.ts';
import { kptfileShape } from '../kptfile/shape.ts';
import { upstreamIdentifier } from '../package/merge-keys.ts';
import { imageBaseName } from '../runtimes/image-reference.ts';
import type { KrmObject } from '../yaml/krm-object.ts';
import type { FieldPath, FieldValue } from '../yaml/node-edits.ts';
import type { FunctionInput, KrmFunction } from './function.ts';
import { isKptfile } from './kptfile-object.ts';
import { showPath } from './reporting.ts';

/** Whether a field at a path, `spec.containers[0].image`, or what is in it, is left alone. */
export type FieldPredicate = (path: string) => boolean;

const upstreamIdentifierPath = `metadata.annotations.${upstreamIdentifier}`;

/**
 * Tells which fields a function leaves alone that looks for values everywhere: what a resource was upstream, which stays what it was;
 * the function's own configuration; and what a Kptfile says of the last rendering, which repeats what the function found. With those
 * two, each rendering would find something else.
 *
 * @param asked the path of the fields that the function is to look at alone; conditions of a Kptfile are not left alone when it leads
 * to them, for they are the users' as well
 */
export function fieldsLeftAlone(
  object: KrmObject,
  { name }: Pick<KrmFunction, 'name'>,
  config: FunctionInput['config'],
  asked = '',
): FieldPredicate {
  if (object === config) return () => true;
  if (!isKptfile(object)) return (path) => path === upstreamIdentifierPath;
  const roots = new Set([
    upstreamIdentifierPath,
    /^status\.conditions\b/.test(asked) ? 'status.renderStatus' : 'status',
    ...['mutators', 'validators'].flatMap((list) => ownEntries(object, ['pipeline', list], name)),
  ]);
  return (path) => isWithin(roots, path);
}

/** Whether a path is one of some, or leads through one. */
function isWithin(roots: ReadonlySet<string>, path: string): boolean {
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    if (roots.has(path.slice(0, dot))) return true;
  }
  return roots.has(path);
}

/** Whether an object can be given a field: a Kptfile with a field that none has could not be read again. */
export function canHaveField(object: KrmObject, path: FieldPath, value: FieldValue): boolean {
  if (!isKptfile(object)) return true;
  const alone = path.reduceRight<FieldValue>(
    (inner, part) => (typeof part === 'number' ? [inner] : { [part]: inner }),
    value,
  );
  try {
    decodeDocument(new Document(alone), kptfileShape);
    return true;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return false;
  }
}

/** The configurations of a function in a pipeline's list. */
function ownEntries(kptfile: KrmObject, list: readonly string[], name: string): readonly string[] {
  const entries = kptfile.node(list);
  if (!isSeq(entries)) return [];
  return entries.items
    .map((_, index) => [...list, index])
    .filter((entry) => imageBaseName(kptfile.getString([...entry, 'image']) ?? '') === name)
    .map((entry) => showPath([...entry, 'configMap']));
}
