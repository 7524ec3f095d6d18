import { posix } from 'node:path';
import { isMap, isSeq } from 'yaml';
import { kptfileKind } from '../../kptfile/kptfile.ts';
import { directoryOf, joinPath } from '../../package/package-paths.ts';
import { imageBaseName } from '../../runtimes/image-reference.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { configData } from '../function-config.ts';
import { failure, messageOf } from '../reporting.ts';

const setter = 'project-id';
const annotation = 'cnrm.cloud.google.com/project-id';
const settersImage = 'ghcr.io/kptdev/krm-functions-catalog/apply-setters:v0.2';

/** Kinds of Config Connector, without those that configure itself. */
const configConnector = /^(?!core\.)\w+\.cnrm\.cloud\.google\.com\/\w+$/;

/** Gives packages the ID of their Google Cloud project: as a setter, and as an annotation of Config Connector's resources. */
export const setProjectId: KrmFunction = { name: 'set-project-id', tags: ['v0.2.1', 'v0.2'], run };

function run({ items, config }: FunctionInput): FunctionOutput {
  let id: string;
  try {
    id = configData(config).get(setter) ?? '';
    if (id === '') throw new Error(`the function config must give \`${setter}\` in its data`);
    const kptfiles = items.filter(({ kind }) => kind === kptfileKind);
    if (kptfiles.length === 0) {
      throw new Error(
        'failed to find Kptfile: unable to find Kptfile, please include --include-meta-resources flag if a Kptfile is present',
      );
    }
    // All are looked at before the first is changed.
    const changes = kptfiles.map((kptfile) => setterChange(kptfile, items, id));
    for (const change of changes) change();
  } catch (error) {
    return failed('setter', error);
  }
  try {
    const resources = items.filter(({ apiVersion }) => configConnector.test(apiVersion));
    for (const object of resources) if (!object.annotation(annotation)) object.setAnnotation(annotation, id);
  } catch (error) {
    return failed('annotation', error);
  }
  return { results: [] };
}

function failed(what: 'setter' | 'annotation', error: unknown): FunctionOutput {
  const message = `failed to set project-id ${what}: ${messageOf(error)}`;
  return failure(message, message);
}

/** What makes the setter known to a package: in the configuration of its apply-setters, or in a new entry of its pipeline. */
function setterChange(kptfile: KrmObject, items: readonly KrmObject[], id: string): () => void {
  const mutators = kptfile.node(['pipeline', 'mutators']);
  const entries = isSeq(mutators) ? mutators.items.length : 0;
  for (let index = 0; index < entries; index += 1) {
    const entry = ['pipeline', 'mutators', index];
    if (imageBaseName(kptfile.getString([...entry, 'image']) ?? '') !== 'apply-setters') continue;
    if (isMap(kptfile.node([...entry, 'configMap']))) return () => setIfEmpty(kptfile, [...entry, 'configMap'], id);
    const path = kptfile.getString([...entry, 'configPath']);
    if (!path) throw new Error('unable to find `configMap` or `configPath` as the `functionConfig` for apply-setters');
    const setters = configFile(kptfile, path, items);
    return () => setIfEmpty(setters, ['data'], id);
  }
  const added = { image: settersImage, configMap: { [setter]: id } };
  if (entries > 0) return () => void kptfile.set(['pipeline', 'mutators', entries], added);
  return () => void kptfile.set(['pipeline', 'mutators'], [added]);
}

function setIfEmpty(object: KrmObject, map: readonly (string | number)[], id: string): void {
  if (!object.getString([...map, setter])) object.set([...map, setter], id);
}

/** The object of a file that is named from a Kptfile. */
function configFile(kptfile: KrmObject, path: string, items: readonly KrmObject[]): KrmObject {
  const wanted = joinPath(directoryOf(kptfile.path ?? ''), posix.normalize(path));
  const found = items.find((object) => object.path === wanted && object.packagePath === kptfile.packagePath);
  if (found !== undefined) return found;
  throw new Error(
    `failed to find setter file: file ${path} doesn't exist, please ensure the file specified in "configPath" exists and retry`,
  );
}
