import { editKptfile, setKptfileName, setUpstream } from '../kptfile/edit-kptfile.ts';
import type { KptfileUpstream, KptfileUpstreamLock } from '../kptfile/types.ts';
import { PackageError } from '../pipeline/job.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import { parseResources, printFile, YamlSyntaxError } from '../yaml/resource-file.ts';
import { withoutAtEnd } from '../yaml/text-end.ts';
import { kptfileName, type PackageFiles } from './files.ts';
import { packageContext, packageContextName, packageContextObject } from './init-package.ts';
import { addMergeKeys } from './merge-keys.ts';

/** What makes a copy of an upstream package a package of its own. */
export interface ClonedPackage {
  readonly name: string;
  readonly upstream: KptfileUpstream;
  readonly lock: KptfileUpstreamLock;
  readonly deployment?: { readonly packagePath: string };
}

/** Turns the files of an upstream package into those of a downstream one. */
export function clonePackage(files: PackageFiles, options: ClonedPackage): PackageFiles {
  const text = files.get(kptfileName);
  if (text === undefined) {
    throw new PackageError('the upstream package has no Kptfile at its root, so it cannot be cloned', kptfileName);
  }
  const upstream = { ...options.upstream, git: normalizeSource(options.upstream.git) };
  const lock = { ...options.lock, git: normalizeSource(options.lock.git) };
  const kptfile = editKptfile(kptfileName, text, (object) => {
    setKptfileName(object, options.name);
    setUpstream(object, upstream, lock);
  });
  const renamed = new Map([...files, [kptfileName, kptfile] as const]);
  return addMergeKeys(options.deployment === undefined ? renamed : replaceContext(renamed, options));
}

/** A place in a repository as kpt writes it: the URL ends with `.git` and no slash, the directory does not start with one. */
export function normalizeSource<Source extends { repo: string; directory: string }>(source: Source): Source {
  // Of a directory of this machine `.git` below it may be the repository.
  const url = /^(?:https?|ssh|git):\/\//i.test(source.repo) ? withoutAtEnd(source.repo, '/') : source.repo;
  const repo = url.endsWith('.git') ? url : `${url}.git`;
  return { ...source, repo, directory: source.directory.replace(/^\//, '') };
}

/** Puts the context of one package in the place of all contexts in its files; whatever else its file holds stays behind it. */
export function replaceContext(
  files: PackageFiles,
  { name, deployment }: Pick<ClonedPackage, 'name' | 'deployment'>,
): PackageFiles {
  const result = new Map<string, string>();
  for (const [path, text] of files) {
    const kept = text.includes(packageContextObject) && /\.ya?ml$/.test(path) ? withoutContext(path, text) : text;
    if (kept !== undefined) result.set(path, kept);
  }
  const context = packageContext({ name, 'package-path': deployment?.packagePath ?? '' });
  return result.set(packageContextName, withContext(context, result.get(packageContextName)));
}

/** The file of the context, with the resources that stand in it besides. */
function withContext(context: string, others: string | undefined): string {
  if (others === undefined) return context;
  try {
    const documents = parseResources(packageContextName, others).filter((document) => !document.isEmpty);
    return printFile(packageContextName, [...parseResources(packageContextName, context), ...documents]);
  } catch (error) {
    if (error instanceof YamlSyntaxError) return context;
    throw error;
  }
}

/** A file without the package contexts in it; undefined where nothing else was in it. */
function withoutContext(path: string, text: string): string | undefined {
  try {
    const documents = parseResources(path, text);
    const kept = documents.filter((document) => {
      const object = new KrmObject(document, path);
      return object.kind !== 'ConfigMap' || object.name !== packageContextObject;
    });
    if (kept.length === documents.length) return text;
    return kept.some((document) => !document.isEmpty) ? printFile(path, kept) : undefined;
  } catch (error) {
    if (error instanceof YamlSyntaxError) return text;
    throw error;
  }
}
