import type { KrmObject } from '../../yaml/krm-object.ts';
import { type FieldSpec, fieldsOfSpec } from '../field-spec.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { type GroupVersionKind, isSelected } from '../group-version-kind.ts';
import { isKptfile } from '../kptfile-object.ts';
import { failure, messageOf } from '../reporting.ts';
import { type NameConfig, readNameConfig } from './name-config.ts';
import { type Renamed, RenamedObjects } from './renamed-objects.ts';
import { updateReferences } from './update-references.ts';

/** Sees to it that all names contain a text, and that references follow the names. */
export const ensureNameSubstring: KrmFunction = {
  name: 'ensure-name-substring',
  tags: ['v0.2.1', 'v0.2', 'v0.1'],
  run,
};

const nameField: FieldSpec = { path: 'metadata/name', create: false };

/** Kinds whose names mean something elsewhere, besides Kptfiles. */
const skipped: readonly GroupVersionKind[] = [
  { kind: 'CustomResourceDefinition' },
  { group: 'apiregistration.k8s.io', kind: 'APIService' },
  { kind: 'Namespace' },
];

function run({ items, config }: FunctionInput): FunctionOutput {
  let wanted: NameConfig;
  try {
    wanted = readNameConfig(config);
  } catch (error) {
    return failure(messageOf(error), messageOf(error));
  }
  const renamed = new RenamedObjects(items.flatMap((object) => rename(object, wanted)));
  for (const object of items) updateReferences(object, renamed);
  return { results: [] };
}

/** Changes the names of an object. Says what it was called if that is another name now. */
function rename(object: KrmObject, { withSubstring, additionalFields }: NameConfig): readonly Renamed[] {
  if (isKptfile(object) || skipped.some((kind) => isSelected(object, kind))) return [];
  const oldName = object.name;
  for (const path of [nameField, ...additionalFields].flatMap((spec) => fieldsOfSpec(object, spec))) {
    const name = object.getString(path);
    if (name !== undefined && name !== '') object.set(path, withSubstring(name));
  }
  return object.name === oldName ? [] : [{ object, oldName }];
}
