import { isJsonObject, type JsonObject } from '../../json-schema/json-types.ts';
import type { SchemaPlace } from '../../json-schema/schema-source.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import { showObject } from '../reporting.ts';

/** What schemas are kept under; parts that are no texts are nobody's. */
export function schemaKey(...parts: readonly unknown[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : '?')).join('/');
}

/** The schemas of custom resources that are defined among some objects, by `group/version/kind`. The first definition counts. */
export function crdSchemas(items: readonly KrmObject[]): ReadonlyMap<string, SchemaPlace> {
  const found = new Map<string, SchemaPlace>();
  for (const item of items) {
    if (item.kind !== 'CustomResourceDefinition' || item.group !== 'apiextensions.k8s.io') continue;
    const spec = item.get(['spec']);
    if (!isJsonObject(spec) || !isJsonObject(spec['names'])) continue;
    for (const [version, schema] of versionSchemas(spec)) {
      const key = schemaKey(spec['group'], version, spec['names']['kind']);
      const content = { ...schema, 'x-kubernetes-embedded-resource': true };
      const document = { content, title: showObject(item), open: () => undefined };
      if (!found.has(key)) found.set(key, { schema: content, document });
    }
  }
  return found;
}

function versionSchemas(spec: JsonObject): readonly (readonly [unknown, JsonObject])[] {
  const common = isJsonObject(spec['validation']) ? spec['validation']['openAPIV3Schema'] : undefined;
  const versions: readonly unknown[] = Array.isArray(spec['versions']) ? spec['versions'] : [];
  const all = versions.length === 0 ? [{ name: spec['version'] }] : versions;
  return all.filter(isJsonObject).flatMap((version) => {
    const schema = isJsonObject(version['schema']) ? version['schema']['openAPIV3Schema'] : common;
    return isJsonObject(schema) ? [[version['name'], schema] as const] : [];
  });
}
