import type { FunctionResultItem } from '../../pipeline/results.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { podSpecPaths } from '../container-fields.ts';
import { type FieldSpec, fieldsOfSpec } from '../field-spec.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { functionFailure, messageOf, report, showPath } from '../reporting.ts';
import { readImageConfig } from './image-config.ts';
import { imageChanger } from './image-name.ts';

/** Changes name, tag or digest of container images. */
export const setImage: KrmFunction = { name: 'set-image', tags: ['v0.1.2', 'v0.1'], run };

/** The kinds whose containers are changed without being asked to. */
const imageFields: readonly FieldSpec[] = [
  ...fieldsOf('', 'v1', ['Pod']),
  ...fieldsOf('apps', 'v1', ['Deployment', 'StatefulSet', 'ReplicaSet', 'DaemonSet']),
];

function fieldsOf(group: string, version: string, kinds: readonly string[]): FieldSpec[] {
  return kinds.flatMap((kind) =>
    ['initContainers', 'containers'].map((list) => {
      return { group, version, kind, path: `${podSpecPaths[kind]}/${list}[]/image`, create: false };
    }),
  );
}

function run({ items, config }: FunctionInput): FunctionOutput {
  const results: FunctionResultItem[] = [];
  let count = 0;
  try {
    const { change, additionalFields } = readImageConfig(config);
    const changed = imageChanger(change);
    const fields = [...imageFields, ...additionalFields];
    for (const object of items) count += setImages(object, fields, changed);
  } catch (error) {
    results.push(report('error', `invalid FunctionConfig: ${messageOf(error)}`));
  }
  const failed = results.length > 0 ? { failed: functionFailure } : {};
  return { results: [...results, report('info', `summary: updated a total of ${count} image(s)`)], ...failed };
}

/** Counts the images that are meant, whether they changed or not, as kpt's function does. */
function setImages(
  object: KrmObject,
  fields: readonly FieldSpec[],
  changed: (image: string) => string | undefined,
): number {
  let count = 0;
  const paths = fields.flatMap((spec) => fieldsOfSpec(object, spec));
  for (const path of new Map(paths.map((each) => [showPath(each), each])).values()) {
    const image = object.getString(path);
    const wanted = image === undefined ? undefined : changed(image);
    if (wanted === undefined) continue;
    object.set(path, wanted);
    count += 1;
  }
  return count;
}
