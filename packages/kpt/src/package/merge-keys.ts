import { isMap, Scalar } from 'yaml';
import { hasKeyComment, keyComment, setKeyComment } from '../yaml/key-comments.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import { parseResources, printFile, YamlSyntaxError } from '../yaml/resource-file.ts';
import { isYamlFile } from './discover.ts';
import type { PackageFiles } from './files.ts';

/** The annotation that names the object of the upstream package that an object comes from: `group|Kind|namespace|name`. */
export const upstreamIdentifier = 'internal.kpt.dev/upstream-identifier';

const mergeComment = 'kpt-merge:';
const mergeKeyPattern = /kpt-merge:\s*([^\s/]{0,253})\/(\S+)/;

/**
 * Marks every object of a package with where it comes from, so that a later upgrade finds its counterpart even after it
 * was renamed. Files that cannot be parsed stay as they are.
 */
export function addMergeKeys(files: PackageFiles): PackageFiles {
  return new Map([...files].map(([path, text]) => [path, markFile(path, text)]));
}

/** Marks the objects of one file; of files of other kinds, and those that cannot be parsed, the text as it is. */
export function markFile(path: string, text: string): string {
  if (!isYamlFile(path)) return text;
  try {
    const documents = parseResources(path, text);
    for (const document of documents) markObject(new KrmObject(document, path));
    return printFile(path, documents);
  } catch (error) {
    if (error instanceof YamlSyntaxError) return text;
    throw error;
  }
}

/** The namespace and name that the mark beside `metadata` gives; undefined without one. */
export function mergeKeyOf(object: KrmObject): { readonly namespace: string; readonly name: string } | undefined {
  const metadata = object.node(['metadata']);
  if (!isMap(metadata)) return undefined;
  const text = metadata.flow ? metadata.comment : keyComment(metadata);
  const [, namespace, name] = mergeKeyPattern.exec(text ?? '') ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}

/** Marks one object; a local one that is marked already keeps the identifier of the upstream object it came from. */
export function markObject(object: KrmObject, origin: 'upstream' | 'local' = 'upstream'): void {
  const { name, namespace, kind, apiVersion, root } = object;
  const metadata = object.node(['metadata']);
  if (root === undefined || !isMap(metadata) || kind === '' || apiVersion === '') return;
  if (name === '' && namespace === '' && Object.keys(object.labels).length === 0) return;
  const comment = ` ${mergeComment} ${namespace}/${name}`;
  if (metadata.flow) {
    if (!metadata.comment) metadata.comment = comment;
    else if (!metadata.comment.includes(mergeComment) && !root.flow) {
      // There is no room for two comments behind brackets.
      setKeyComment(metadata, `${comment}\n${metadata.comment}`);
      metadata.flow = false;
      delete metadata.comment;
    }
  } else if (!hasKeyComment(metadata)) {
    setKeyComment(metadata, comment);
  } else if (!metadata.commentBefore?.split('\n', 1)[0]?.includes(mergeComment)) {
    const others = metadata.commentBefore;
    setKeyComment(metadata, others ? `${comment}\n${others}` : comment);
  }
  if (origin === 'local' && object.annotation(upstreamIdentifier) !== undefined) return;
  const source = (origin === 'local' && mergeKeyOf(object)) || { namespace, name };
  const identifier = `${object.group}|${kind}|${source.namespace || 'default'}|${source.name}`;
  object.setAnnotation(upstreamIdentifier, identifier);
  const annotation = object.node(['metadata', 'annotations', upstreamIdentifier]);
  if (annotation instanceof Scalar && annotation.type === undefined) annotation.type = Scalar.QUOTE_SINGLE;
}
