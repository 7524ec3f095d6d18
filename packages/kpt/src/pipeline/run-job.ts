import { builtInFunctions } from '../functions/catalogue.ts';
import { setConditions, setKptfileName, setMetadataMap, setReadinessGates } from '../kptfile/edit-kptfile.ts';
import { KptfileReader } from '../kptfile/kptfile-reader.ts';
import { summarizeKptfile } from '../kptfile/summarize-kptfile.ts';
import { clonePackage } from '../package/clone-package.ts';
import { kptfileName, type PackageFiles } from '../package/files.ts';
import { initPackage } from '../package/init-package.ts';
import { replaceFiles } from '../package/replace-files.ts';
import { createPipelineRuntime, type Elsewhere, type Hold, type OnBuiltIn } from '../runtimes/pipeline-runtime.ts';
import { upgradePackage } from '../update/upgrade-package.ts';
import type { KrmObject } from '../yaml/krm-object.ts';
import { PackageError, type PackageJob, type PackageJobResult, type PackageStep, type RenderOutcome } from './job.ts';
import { RenderMemory } from './render-memory.ts';
import { type RenderedPackage, renderPackage } from './render-package.ts';
import { TextMemory } from './text-memory.ts';

/** What makes jobs faster or more able. The files that come out are the same without the memories, only later. */
export interface JobTools {
  /** What is known of texts from earlier jobs. */
  readonly memory?: TextMemory;
  /** What became of packages in earlier jobs. */
  readonly renders?: RenderMemory;
  /** Where functions are run that are not built in; they are unknown unless given. */
  readonly elsewhere?: Elsewhere | undefined;
  readonly onBuiltIn?: OnBuiltIn | undefined;
  /** Waits while a function's answer is held back; on the job's thread unless given. */
  readonly hold?: Hold | undefined;
}

/**
 * Does a job's steps in order, without a pause but where a function is waited for: meant for a worker thread.
 *
 * @throws PackageError for what the package's content is to blame for
 */
export async function runJob(job: PackageJob, tools: JobTools = {}): Promise<PackageJobResult> {
  const { memory = new TextMemory(0), renders = new RenderMemory(0), elsewhere, onBuiltIn, hold } = tools;
  const { rules = [], builtIn = true } = job.render;
  const known = { catalogue: builtIn ? builtInFunctions : new Map(), rules };
  const runtime = createPipelineRuntime(known, { elsewhere, onBuiltIn, hold });
  const kptfiles = new KptfileReader();
  let { files } = job;
  let outcome: RenderOutcome | undefined;
  for (const step of job.steps) {
    if (step.type !== 'render') {
      files = runStep(files, step, kptfiles);
      continue;
    }
    const render = (): Promise<RenderedPackage> =>
      renderPackage(files, { ...job.render, needsKptfile: true }, runtime, memory, undefined, kptfiles);
    const { rendered, isReused } = await renders.recall(files, job.render, render);
    const { result, error } = rendered;
    files = rendered.files;
    outcome = { result, isReused, ...(error !== undefined && { error }) };
    if (error !== undefined) break;
  }
  const text = files.get(kptfileName);
  const kptfile =
    text === undefined
      ? summarizeKptfile(text)
      : memory.recall('summary', text, () => summarizeKptfile(text, kptfiles));
  return { files, kptfile, ...(outcome !== undefined && { render: outcome }) };
}

function runStep(
  files: PackageFiles,
  step: Exclude<PackageStep, { type: 'render' }>,
  kptfiles: KptfileReader,
): PackageFiles {
  switch (step.type) {
    case 'init':
      return initPackage(files, step);
    case 'clone':
      return clonePackage(files, step);
    case 'upgrade':
      return upgradePackage(files, step);
    case 'subpackage':
      return makeSubpackage(files, step.name, kptfiles);
    case 'replace':
      return replaceFiles(files, step.files);
    case 'metadata':
      return setMetadata(files, step, kptfiles);
  }
}

function setMetadata(
  files: PackageFiles,
  step: Extract<PackageStep, { type: 'metadata' }>,
  kptfiles: KptfileReader,
): PackageFiles {
  const { labels, annotations, readinessGates, conditions, merge } = step;
  if ([labels, annotations, readinessGates, conditions].every((value) => value === undefined)) return files;
  return withEditedKptfile(files, kptfiles, (kptfile) => {
    if (labels !== undefined) setMetadataMap(kptfile, 'labels', labels, merge);
    if (annotations !== undefined) setMetadataMap(kptfile, 'annotations', annotations, merge);
    if (readinessGates !== undefined) setReadinessGates(kptfile, readinessGates);
    if (conditions !== undefined) setConditions(kptfile, conditions);
  });
}

function makeSubpackage(files: PackageFiles, name: string, kptfiles: KptfileReader): PackageFiles {
  return withEditedKptfile(files, kptfiles, (kptfile) => {
    setKptfileName(kptfile, name);
    kptfile.delete(['status']);
  });
}

function withEditedKptfile(
  files: PackageFiles,
  kptfiles: KptfileReader,
  change: (kptfile: KrmObject) => void,
): PackageFiles {
  const text = files.get(kptfileName);
  if (text === undefined) throw new PackageError('the package has no Kptfile at its root', kptfileName);
  return new Map(files).set(kptfileName, kptfiles.edit(kptfileName, text, change));
}
