/** Schemas of Kubernetes' own kinds, made of what its client libraries know of them. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as client from '@kubernetes/client-node';

interface Field {
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

/**
 * An OpenAPI document as a cluster has one under `/openapi/v2`, but for what the libraries do not say: which fields must be there, and
 * which texts are amounts.
 */
export function kubernetesSchemas(): string {
  const models = new Map<string, readonly Field[]>();
  for (const [name, value] of Object.entries(client)) {
    if (typeof value === 'function' && 'attributeTypeMap' in value) {
      models.set(name, value.attributeTypeMap as readonly Field[]);
    }
  }
  const definitions = Object.fromEntries([...models].map(([name, fields]) => [name, schemaOf(fields, models)]));
  for (const { group, version, kind } of kinds()) {
    const definition = definitions[version.charAt(0).toUpperCase() + version.slice(1) + kind];
    const list = (definition?.['x-kubernetes-group-version-kind'] ?? []) as unknown[];
    if (definition !== undefined) definition['x-kubernetes-group-version-kind'] = [...list, { group, version, kind }];
  }
  return JSON.stringify({ swagger: '2.0', definitions });
}

type Schema = Record<string, unknown>;

function schemaOf(fields: readonly Field[], models: ReadonlyMap<string, unknown>): Schema {
  const properties = fields.map(({ baseName, type, format }) => [baseName, typeSchema(type, format, models)]);
  return { type: 'object', properties: Object.fromEntries(properties) };
}

function typeSchema(type: string, format: string, models: ReadonlyMap<string, unknown>): Schema {
  const list = /^(?:Array|Set)<(.*)>$/.exec(type)?.[1];
  if (list !== undefined) return { type: 'array', items: typeSchema(list, format, models) };
  const values = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  if (values !== undefined) return { type: 'object', additionalProperties: typeSchema(values, format, models) };
  if (models.has(type)) return { $ref: `#/definitions/${type}` };
  if (type === 'number') return format.startsWith('int') ? { type: 'integer', format } : { type };
  if (type === 'string' || type === 'boolean') return { type };
  if (type === 'IntOrString') return { 'x-kubernetes-int-or-string': true };
  return type === 'Date' || type === 'V1MicroTime' ? { type: 'string', format: 'date-time' } : {};
}

/** The kinds of all groups, as folders and declarations of another library have them. */
function kinds(): readonly { readonly group: string; readonly version: string; readonly kind: string }[] {
  const root = join(import.meta.dirname, '../node_modules/kubernetes-models');
  return globSync('{v*,*/v*}/*.d.ts', { cwd: root }).flatMap((path) => {
    const kind = /"kind": "(\w+)"/.exec(readFileSync(join(root, path), 'utf8'))?.[1];
    const [version = '', group = ''] = dirname(path).split('/').reverse();
    return kind === undefined ? [] : [{ group, version, kind }];
  });
}
