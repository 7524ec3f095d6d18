import { isMap, Scalar } from 'yaml';
import { hasKeyComment, setKeyComment } from '../yaml/key-comments.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import { parseResources, printFile, YamlSyntaxError } from '../yaml/resource-file.ts';
import { kptfileName, type PackageFiles } from './files.ts';
import { baseName } from './package-paths.ts';

/** The annotation that names the object of the upstream package that an object comes from: `group|Kind|namespace|name`. */
export const upstreamIdentifier = 'internal.kpt.dev/upstream-identifier';

const mergeComment = 'kpt-merge:';

/**
 * Marks every object of a package with where it comes from, so that a later upgrade finds its counterpart even after it
 * was renamed. Files that cannot be parsed stay as they are.
 */
export function addMergeKeys(files: PackageFiles): PackageFiles {
  const result = new Map(files);
  for (const [path, text] of files) {
    if (/\.ya?ml$/.test(path) || baseName(path) === kptfileName) result.set(path, markFile(path, text));
  }
  return result;
}

function markFile(path: string, text: string): string {
  try {
    const documents = parseResources(path, text);
    for (const document of documents) markObject(new KrmObject(document, path));
    return printFile(path, documents);
  } catch (error) {
    if (error instanceof YamlSyntaxError) return text;
    throw error;
  }
}

function markObject(object: KrmObject): void {
  const { name, namespace, kind, apiVersion, root } = object;
  const metadata = object.node(['metadata']);
  if (root === undefined || !isMap(metadata) || kind === '' || apiVersion === '') return;
  if (name === '' && namespace === '' && Object.keys(object.labels).length === 0) return;
  const comment = ` ${mergeComment} ${namespace}/${name}`;
  if (metadata.flow) {
    if (!metadata.comment) metadata.comment = comment;
  } else if (!hasKeyComment(metadata)) {
    setKeyComment(metadata, comment);
  } else if (!metadata.commentBefore?.split('\n', 1)[0]?.includes(mergeComment)) {
    const others = metadata.commentBefore;
    setKeyComment(metadata, others ? `${comment}\n${others}` : comment);
  }
  const identifier = `${object.group}|${kind}|${namespace || 'default'}|${name}`;
  object.setAnnotation(upstreamIdentifier, identifier);
  const annotation = object.node(['metadata', 'annotations', upstreamIdentifier]);
  if (annotation instanceof Scalar && annotation.type === undefined) annotation.type = Scalar.QUOTE_SINGLE;
}
