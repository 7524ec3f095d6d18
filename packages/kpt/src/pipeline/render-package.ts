import { KptfileReader } from '../kptfile/kptfile-reader.ts';
import { discoverPackage, type PackageNode } from '../package/discover.ts';
import { kptfileName, type PackageFiles } from '../package/files.ts';
import { joinPath } from '../package/package-paths.ts';
import type { FunctionRuntime } from '../runtimes/function-runtime.ts';
import type { KrmObject } from '../yaml/krm-object.ts';
import { createFunctionFiles } from './function-files.ts';
import { PackageError, type RenderOptions, type RenderOutcome } from './job.ts';
import type { RenderObserver } from './observer.ts';
import { loadTree, type RenderNode } from './package-tree.ts';
import { RenderError } from './render-error.ts';
import { noteStatus, ownKptfile } from './render-status.ts';
import { type PipelineContext, runPipeline } from './run-pipeline.ts';
import { type PipelineStep, resultList } from './steps.ts';
import { TextMemory } from './text-memory.ts';
import { isUnaffected } from './unaffected.ts';
import { visit, writeBack } from './write-back.ts';

/** A package after rendering. */
export interface RenderedPackage extends RenderOutcome {
  readonly files: PackageFiles;
  /** Whether rendering the same files again would give the same: no function ran that might answer otherwise the next time. */
  readonly isRepeatable: boolean;
}

/** Annotation of the root Kptfile: parents are rendered before the packages below them. */
const bfsAnnotation = 'kpt.dev/bfs-rendering';
/** Annotation of the root Kptfile: what was rendered before a failure is kept. */
const saveAnnotation = 'kpt.dev/save-on-render-failure';

const lostKptfile =
  'the functions of the pipeline have removed the Kptfile, without which there is no package; let them keep it';

/**
 * Runs the pipelines of a package and of those below it, and notes in the root Kptfile how that went. Meant for a worker
 * thread: it works without a pause but where the runtime makes it wait for a function. Failure is part of the answer, not
 * thrown; a package without any Kptfile comes back as it is.
 *
 * @param memory - what is known of texts from earlier calls; the answer is the same without it, only later
 * @param observer - is told what happens meanwhile
 * @param kptfiles - reads the Kptfiles, and has read them already where earlier steps of the job have
 */
export async function renderPackage(
  files: PackageFiles,
  options: RenderOptions,
  runtime: FunctionRuntime,
  memory = new TextMemory(0),
  observer?: RenderObserver,
  kptfiles = new KptfileReader(),
): Promise<RenderedPackage> {
  const root = discoverPackage(files);
  if (root === undefined) return { files, result: resultList([], false), isRepeatable: true };
  observer?.packagesFound(countPackages(root));
  const kptfile = joinPath(root.path, kptfileName);
  if (isUnaffected(files, root, memory, kptfiles)) {
    const text = files.get(kptfile) ?? '';
    const note = () => kptfiles.edit(kptfile, text, (object) => noteStatus(object, [], undefined));
    const noted = memory.recall('rendered without functions', text, note);
    return { files: new Map(files).set(kptfile, noted), result: resultList([], false), isRepeatable: true };
  }
  const steps: PipelineStep[] = [];
  let tree: RenderNode | undefined;
  let isRepeatable = true;
  const onUnrepeatable = () => {
    isRepeatable = false;
  };
  try {
    tree = loadTree(files, root, kptfiles);
    const directory = options.schemaDirectory;
    const readFile = createFunctionFiles({ files, root: root.path, directory, onUnread: onUnrepeatable });
    await renderTree(tree, options, { runtime, steps, onUnrepeatable, readFile, ...(observer && { observer }) });
    const written = writeSuccess(files, tree, root.path, steps, kptfiles);
    if (options.needsKptfile === true) checkKptfile(written, kptfile, tree, kptfiles);
    return { files: written, result: resultList(steps, false), isRepeatable };
  } catch (error) {
    if (!(error instanceof RenderError || error instanceof PackageError)) throw error;
    if (!(error instanceof RenderError && error.isObserved)) observer?.failed(error);
    const save = tree !== undefined && isTrue(tree, saveAnnotation);
    const kept = save && tree !== undefined ? partialFiles(files, tree, root.path, kptfiles) : files;
    return {
      files: isOwnKptfile(error) ? kept : withStatus(kept, kptfile, steps, error.message, kptfiles),
      result: resultList(steps, true),
      error: error.message,
      isRepeatable,
    };
  }
}

function countPackages({ subpackages }: PackageNode): number {
  return subpackages.reduce((count, child) => count + countPackages(child), 1);
}

async function renderTree(
  tree: RenderNode,
  options: RenderOptions,
  parts: Pick<PipelineContext, 'runtime' | 'steps' | 'observer' | 'onUnrepeatable' | 'readFile'>,
): Promise<void> {
  const keepOnFailure = isTrue(tree, saveAnnotation);
  const isBreadthFirst = isTrue(tree, bfsAnnotation);
  const order = isBreadthFirst ? breadthFirst(tree) : depthFirst(tree);
  for (const node of order) {
    await runPipeline(node, allObjects(node), {
      ...parts,
      defaultImagePrefix: options.defaultImagePrefix,
      keepOnFailure,
      ...(isBreadthFirst && { during: tree.path }),
      onProgress: (objects) => distribute(node, objects),
    });
  }
}

/** Gives each object to the package that owns it. */
function distribute(node: RenderNode, objects: readonly KrmObject[]): void {
  const nodes = new Map<string, RenderNode>();
  visit(node, (each) => {
    nodes.set(each.path, each);
    each.items = [];
  });
  for (const object of objects) (nodes.get(object.packagePath ?? node.path) ?? node).items.push(object);
}

function allObjects(node: RenderNode): KrmObject[] {
  const objects: KrmObject[] = [];
  visit(node, ({ items }) => {
    for (const object of items) objects.push(object);
  });
  return objects;
}

function depthFirst(node: RenderNode): RenderNode[] {
  return [...node.children.flatMap(depthFirst), node];
}

function breadthFirst(node: RenderNode): RenderNode[] {
  const order = [node];
  for (const next of order) order.push(...next.children);
  return order;
}

/** Whether the root Kptfile itself is what is wrong; then nothing is written into it. */
function isOwnKptfile(error: RenderError | PackageError): boolean {
  return error instanceof RenderError && error.packagePath === '' && error.operation === 'pkg.read';
}

function isTrue({ kptfile }: RenderNode, annotation: string): boolean {
  return kptfile.metadata?.annotations?.[annotation]?.toLowerCase() === 'true';
}

/** Makes sure that the package is one after its functions have run. @throws RenderError */
function checkKptfile(files: PackageFiles, path: string, tree: RenderNode, kptfiles: KptfileReader): void {
  const text = files.get(path);
  if (text === undefined) throw new RenderError(tree.path, 'pipeline.run', lostKptfile);
  try {
    kptfiles.read(path, text);
  } catch (cause) {
    if (!(cause instanceof PackageError)) throw cause;
    throw new RenderError(
      tree.path,
      'pipeline.run',
      `the functions of the pipeline have spoilt the Kptfile: ${cause.message}`,
      {
        cause,
      },
    );
  }
}

/** The files of a package that was rendered, with the status in its Kptfile. */
function writeSuccess(
  files: PackageFiles,
  tree: RenderNode,
  root: string,
  steps: readonly PipelineStep[],
  kptfiles: KptfileReader,
): PackageFiles {
  const kptfile = joinPath(root, kptfileName);
  const own = ownKptfile(tree);
  if (own === undefined) return withStatus(writeBack(files, tree, root, true), kptfile, steps, undefined, kptfiles);
  noteStatus(own.object, steps, undefined);
  const written = writeBack(files, tree, root, true);
  kptfiles.keep(written.get(kptfile) ?? '', own);
  return written;
}

function partialFiles(files: PackageFiles, tree: RenderNode, root: string, kptfiles: KptfileReader): PackageFiles {
  const kptfile = joinPath(root, kptfileName);
  try {
    const kept = writeBack(files, tree, root, false);
    return isReadable(kept, kptfile, kptfiles) ? kept : kept.set(kptfile, files.get(kptfile) ?? '');
  } catch (error) {
    // A path outside the package is what rendering failed for; nothing can be kept then.
    if (error instanceof PackageError) return files;
    throw error;
  }
}

function isReadable(files: PackageFiles, path: string, kptfiles: KptfileReader): boolean {
  try {
    kptfiles.read(path, files.get(path) ?? '');
    return true;
  } catch (error) {
    if (error instanceof PackageError) return false;
    throw error;
  }
}

function withStatus(
  files: PackageFiles,
  path: string,
  steps: readonly PipelineStep[],
  error: string | undefined,
  kptfiles: KptfileReader,
): PackageFiles {
  const text = files.get(path);
  if (text === undefined) return files;
  try {
    const noted = kptfiles.edit(path, text, (object) => noteStatus(object, steps, error));
    return new Map(files).set(path, noted);
  } catch (cause) {
    // A Kptfile that cannot be read is what rendering failed for already.
    if (cause instanceof PackageError) return files;
    throw cause;
  }
}
