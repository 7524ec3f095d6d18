import { isDeepStrictEqual } from 'node:util';
import Type from 'typebox';
import { type FieldError, fieldError } from '../meta/field-error.ts';
import type { KubernetesObject } from '../meta/object.ts';
import { ageCell, type Strategy } from '../registry/resource.ts';
import { dropEmpty } from '../schema/drop-empty.ts';
import { fields } from '../schema/fields.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { base64Size, dataKeyErrors, maxDataBytes } from './data-rules.ts';
import type { ResourceKind } from './resource-kind.ts';

/** Configuration that is not confidential. Core group. */
export interface ConfigMap extends KubernetesObject {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
  immutable?: boolean;
}

const schema = Type.Object({
  data: fields.textMap('Texts by key. A key is either here or in binaryData.'),
  binaryData: Type.Optional(
    Type.Record(Type.String(), Type.String({ format: 'byte' }), { description: 'Bytes by key, each value in base64.' }),
  ),
  immutable: fields.flag('Whether the data can no longer be changed. Cannot be undone.'),
});

function dataErrors({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(data)) {
    errors.push(...dataKeyErrors('data', key));
    if (Object.hasOwn(binaryData, key)) {
      errors.push(fieldError.invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    }
    size += Buffer.byteLength(value);
  }
  for (const [key, value] of Object.entries(binaryData)) {
    errors.push(...dataKeyErrors('binaryData', key));
    const bytes = base64Size(value);
    if (bytes === undefined) errors.push(fieldError.invalid(`binaryData[${key}]`, value, 'must be base64'));
    else size += bytes;
  }
  if (size > maxDataBytes) errors.push(fieldError.tooLong('data', maxDataBytes));
  return errors;
}

function immutableErrors(object: ConfigMap, old: ConfigMap): FieldError[] {
  if (old.immutable !== true) return [];
  const detail = 'field is immutable when `immutable` is set';
  const errors = object.immutable === true ? [] : [fieldError.forbidden('immutable', detail)];
  for (const field of ['data', 'binaryData'] as const) {
    if (!isDeepStrictEqual({ ...object[field] }, { ...old[field] })) errors.push(fieldError.forbidden(field, detail));
  }
  return errors;
}

const strategy: Strategy<ConfigMap> = {
  validate: (_context, object) => dataErrors(object),
  validateUpdate: (_context, object, old) => [...immutableErrors(object, old), ...dataErrors(object)],
  allowUnconditionalUpdate: true,
};

/** `configmaps` of the core group. */
export const configMapKind: ResourceKind<ConfigMap> = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  singular: 'configmap',
  kind: 'ConfigMap',
  listKind: 'ConfigMapList',
  shortNames: ['cm'],
  namespaced: true,
  description: 'Configuration that is not confidential.',
  schema,
  strategy,
  table: {
    columns: [nameColumn, column('Data', 'integer', 'Number of values.'), ageColumn],
    cells: ({ metadata, data = {}, binaryData = {} }) => [
      metadata.name ?? '',
      Object.keys(data).length + Object.keys(binaryData).length,
      ageCell,
    ],
  },
  default: (object) => dropEmpty(object, ['data', 'binaryData']),
  strategicMergePatch: true,
};
