import { builtInFunctions } from '../../functions/catalogue.ts';
import type { PipelineFunction } from '../../kptfile/kptfile.ts';
import { readKptfile } from '../../kptfile/read-kptfile.ts';
import { kptfileName } from '../../package/files.ts';
import { baseName } from '../../package/package-paths.ts';
import { PackageError } from '../../pipeline/job.ts';
import { imageBaseName, isVersionRange } from '../../runtimes/image-reference.ts';
import type { GoldenCase } from './golden-case.ts';

/** Functions that need what there is not here. Others that are no part of the program need a container engine. */
const needs: Readonly<Record<string, string>> = {
  'render-helm-chart': 'helm',
  gatekeeper: 'gatekeeper, which evaluates policies written in Rego',
  kubeval: "a validator's exact words, those of kubeval",
};

/** Libraries of Starlark that there are in Go only: loading one is fine, using it is not. */
const goOnlyLibrary = /\b(?:(?:bsoup|geo|html|http|xlsx)\.\w+|ZipFile)\(/;

/** Why a case cannot be run here, from what it asks for; undefined where it can. */
export function skipReason({ config, files, scripts }: GoldenCase, hasSchemas: boolean): string | undefined {
  if (config.skip) return 'the case asks to be skipped';
  if (scripts.length > 0) return `needs the kpt command, for ${scripts.join(' and ')}`;
  if (config.imagePullPolicy !== undefined) return needsEngine(`imagePullPolicy ${config.imagePullPolicy}`);
  const entries: readonly PipelineFunction[] =
    config.testType === 'eval' ? [{ image: config.image }] : pipelineEntries(files);
  for (const entry of entries) {
    const reason = entryReason(entry, hasSchemas);
    if (reason !== undefined) return reason;
  }
  return entries.some(({ image = '' }) => imageBaseName(image) === 'starlark') ? starlarkReason(files) : undefined;
}

function starlarkReason(files: GoldenCase['files']): string | undefined {
  for (const text of files.values()) {
    const use = /^\s*load\(/m.test(text) ? goOnlyLibrary.exec(text) : null;
    if (use !== null) return `needs a Starlark module that there is in Go only, for ${use[0]})`;
  }
  return undefined;
}

function entryReason({ exec, image = '', tag = '' }: PipelineFunction, hasSchemas: boolean): string | undefined {
  if (exec) return undefined;
  const name = imageBaseName(image);
  if (name === 'kubeconform' && !hasSchemas) return 'needs schemas of Kubernetes, for kubeconform';
  if (needs[name] !== undefined) return `needs ${needs[name]}`;
  if (!builtInFunctions.has(name)) return needsEngine(image);
  return isVersionRange(tag) ? `needs a registry's tag list, for ${name} ${tag}` : undefined;
}

function needsEngine(what: string): string {
  return `needs a container engine, for ${what}`;
}

/** The functions of all pipelines. A Kptfile that cannot be read is what its case is about. */
function pipelineEntries(files: GoldenCase['files']): readonly PipelineFunction[] {
  const kptfiles = [...files].filter(([path]) => baseName(path) === kptfileName);
  return kptfiles.flatMap(([path, text]) => {
    try {
      const { mutators = [], validators = [] } = readKptfile(path, text).content.pipeline ?? {};
      return [...mutators, ...validators];
    } catch (error) {
      if (error instanceof PackageError) return [];
      throw error;
    }
  });
}
