import { posix } from 'node:path';
import { isJsonObject } from '../../json-schema/json-types.ts';
import { type SchemaDocument, SchemaError, type SchemaPlace } from '../../json-schema/schema-source.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import type { FunctionInput } from '../function.ts';
import type { ConformConfig } from './conform-config.ts';
import { crdSchemas, schemaKey } from './crd-schemas.ts';
import { openApiSchemas, SchemaFiles } from './schema-files.ts';

/** The schema of an object. */
export interface FoundSchema extends SchemaPlace {
  /** Whether fields that are not required may be null. */
  readonly optionalMayBeNull: boolean;
}

/** The version in the names of files and folders that schemas of no certain release of Kubernetes have. */
const anyRelease = 'master';

/** Finds schemas: of custom resources that the package defines, and in the files that the configuration names. */
export class SchemaLibrary {
  readonly #custom: ReadonlyMap<string, SchemaPlace>;
  readonly #files: SchemaFiles;
  readonly #locations: readonly string[];
  readonly #strict: boolean;
  readonly #indexes = new Map<SchemaDocument, ReadonlyMap<string, unknown>>();

  constructor({ items, readFile }: FunctionInput, { locations = ['default'], strict }: ConformConfig) {
    this.#custom = crdSchemas(items);
    this.#files = new SchemaFiles(readFile);
    this.#locations = locations;
    this.#strict = strict;
  }

  /**
   * The schema for an object; undefined where there is none.
   *
   * @throws SchemaError for a file that should have it and cannot be read
   */
  find(object: KrmObject): FoundSchema | undefined {
    const custom = this.#custom.get(schemaKey(object.group, object.version, object.kind));
    if (custom !== undefined) return { ...custom, optionalMayBeNull: false };
    for (const location of this.#locations) {
      for (const path of candidates(location, object, this.#strict)) {
        const found = this.#inFile(path, object);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  #inFile(path: string, object: KrmObject): FoundSchema | undefined {
    const document = this.#files.open(path);
    if (document === undefined) return undefined;
    if (openApiSchemas(document.content) === undefined) {
      if (!isJsonObject(document.content) && typeof document.content !== 'boolean') {
        throw new SchemaError(`${document.title} is no schema: it must hold a JSON object, true or false`);
      }
      return { schema: asResource(document.content), document, optionalMayBeNull: false };
    }
    const schema = this.#indexOf(document).get(schemaKey(object.group, object.version, object.kind));
    return schema === undefined ? undefined : { schema, document, optionalMayBeNull: true };
  }

  #indexOf(document: SchemaDocument): ReadonlyMap<string, unknown> {
    const known = this.#indexes.get(document);
    if (known !== undefined) return known;
    const index = new Map<string, unknown>();
    for (const schema of Object.values(openApiSchemas(document.content) ?? {})) {
      const kinds = isJsonObject(schema) ? schema['x-kubernetes-group-version-kind'] : undefined;
      for (const each of Array.isArray(kinds) ? kinds : []) {
        if (isJsonObject(each)) index.set(schemaKey(each['group'], each['version'], each['kind']), schema);
      }
    }
    this.#indexes.set(document, index);
    return index;
  }
}

/** A schema whose objects may have what all resources have, whether it names that or not. */
function asResource(schema: unknown): unknown {
  return isJsonObject(schema) ? { ...schema, 'x-kubernetes-embedded-resource': true } : schema;
}

/**
 * The files that a location can mean, as kubeconform has it: a template, a file, or a folder with a file for each kind, directly or
 * in a folder for a release. `default` is the top of what there is.
 */
function candidates(location: string, object: KrmObject, strict: boolean): readonly string[] {
  const place = location.replace(/^file:\/\//, '').replace(/^\/+/, '');
  const suffixes = strict ? ['-strict', ''] : [''];
  if (place.includes('{{')) return suffixes.map((suffix) => fillTemplate(place, object, suffix));
  if (place.endsWith('.json')) return [place];
  const folder = location === 'default' ? '' : place;
  const file = fillTemplate('{{.ResourceKind}}{{.KindSuffix}}.json', object, '');
  return [
    ...suffixes.map((suffix) => posix.join(folder, `${anyRelease}-standalone${suffix}`, file)),
    posix.join(folder, file),
    ...['swagger.json', 'openapi.json'].map((name) => posix.join(folder, name)),
  ];
}

function fillTemplate(template: string, object: KrmObject, strictSuffix: string): string {
  const group = object.group.toLowerCase();
  const version = object.version.toLowerCase();
  const first = group.split('.', 1)[0] ?? '';
  const values: Readonly<Record<string, string>> = {
    NormalizedKubernetesVersion: anyRelease,
    StrictSuffix: strictSuffix,
    ResourceKind: object.kind.toLowerCase(),
    ResourceAPIVersion: version,
    Group: group,
    KindSuffix: first === '' ? `-${version}` : `-${first}-${version}`,
  };
  return template.replaceAll(/\{\{-?\s*\.(\w+)\s*-?\}\}/g, (whole, name: string) => values[name] ?? whole);
}
