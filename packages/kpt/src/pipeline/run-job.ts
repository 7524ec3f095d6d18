import { builtInFunctions } from '../functions/catalogue.ts';
import { setConditions, setMetadataMap, setReadinessGates } from '../kptfile/edit-kptfile.ts';
import { KptfileReader } from '../kptfile/kptfile-reader.ts';
import { summarizeKptfile } from '../kptfile/summarize-kptfile.ts';
import { clonePackage } from '../package/clone-package.ts';
import { kptfileName, type PackageFiles } from '../package/files.ts';
import { initPackage } from '../package/init-package.ts';
import { replaceFiles } from '../package/replace-files.ts';
import { createBuiltInRuntime } from '../runtimes/built-in-runtime.ts';
import { upgradePackage } from '../update/upgrade-package.ts';
import { PackageError, type PackageJob, type PackageJobResult, type PackageStep, type RenderOutcome } from './job.ts';
import { renderPackage } from './render-package.ts';
import { TextMemory } from './text-memory.ts';

/**
 * Does a job's steps in order, without a pause but where a function is waited for: meant for a worker thread.
 *
 * @param memory - what is known of texts from earlier jobs; the answer is the same without it, only later
 * @throws PackageError for what the package's content is to blame for
 */
export async function runJob(job: PackageJob, memory = new TextMemory(0)): Promise<PackageJobResult> {
  const runtime = createBuiltInRuntime(builtInFunctions);
  const kptfiles = new KptfileReader();
  let { files } = job;
  let render: RenderOutcome | undefined;
  for (const step of job.steps) {
    if (step.type !== 'render') {
      files = runStep(files, step, kptfiles);
      continue;
    }
    const { files: rendered, ...outcome } = await renderPackage(
      files,
      job.render,
      runtime,
      memory,
      undefined,
      kptfiles,
    );
    files = rendered;
    render = outcome;
    if (outcome.error !== undefined) break;
  }
  const text = files.get(kptfileName);
  const kptfile =
    text === undefined
      ? summarizeKptfile(text)
      : memory.recall('summary', text, () => summarizeKptfile(text, kptfiles));
  return { files, kptfile, ...(render !== undefined && { render }) };
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
  const text = files.get(kptfileName);
  if (text === undefined) throw new PackageError('the package has no Kptfile at its root', kptfileName);
  const edited = kptfiles.edit(kptfileName, text, (kptfile) => {
    if (labels !== undefined) setMetadataMap(kptfile, 'labels', labels, merge);
    if (annotations !== undefined) setMetadataMap(kptfile, 'annotations', annotations, merge);
    if (readinessGates !== undefined) setReadinessGates(kptfile, readinessGates);
    if (conditions !== undefined) setConditions(kptfile, conditions);
  });
  return new Map(files).set(kptfileName, edited);
}
