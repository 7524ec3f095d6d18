import { PackageError } from '../pipeline/job.ts';
import { KrmObject } from '../yaml/krm-object.ts';
import { plainObject } from './built-in-shapes.ts';
import { byFields, byValue, type MergeShape } from './merge-shape.ts';
import type { UpgradeTree } from './upgrade-tree.ts';

const definitionKind = 'CustomResourceDefinition';

/** How the custom resources of a package are merged, as its own CustomResourceDefinitions say. Made for one upgrade. */
export class CrdShapes {
  readonly #trees: readonly UpgradeTree[];
  #definitions: Map<string, KrmObject> | undefined;
  readonly #shapes = new Map<string, MergeShape | undefined>();

  /** @param trees - where to look, the one that counts most first */
  constructor(trees: readonly UpgradeTree[]) {
    this.#trees = trees;
  }

  /** The shape of a kind; undefined where no definition of it is in the package. */
  find(group: string, kind: string, version: string): MergeShape | undefined {
    const key = `${group}/${kind}/${version}`;
    if (!this.#shapes.has(key)) this.#shapes.set(key, this.#read(`${group}/${kind}`, version));
    return this.#shapes.get(key);
  }

  #read(type: string, version: string): MergeShape | undefined {
    this.#definitions ??= this.#collect();
    const definition = this.#definitions.get(type);
    if (definition === undefined) return undefined;
    try {
      const root = shapeOfSchema(schemaOf(definition.get(['spec']), version));
      return { fields: { ...plainObject.fields, ...root?.fields } };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new PackageError(
        `file ${JSON.stringify(definition.path)}: the schema cannot be read: ${why}`,
        definition.path,
        {
          cause: error,
        },
      );
    }
  }

  #collect(): Map<string, KrmObject> {
    const found = new Map<string, KrmObject>();
    for (const tree of this.#trees) {
      for (const [path, text] of tree.files) {
        if (!text.includes(definitionKind) || !tree.isResource(path)) continue;
        for (const object of objectsIn(tree, path)) {
          if (object.kind !== definitionKind || object.group !== 'apiextensions.k8s.io') continue;
          const type = `${object.getString(['spec', 'group'])}/${object.getString(['spec', 'names', 'kind'])}`;
          if (!found.has(type)) found.set(type, object);
        }
      }
    }
    return found;
  }
}

/** The objects in a file; none where it cannot be parsed, which matters only where the file itself is merged. */
function objectsIn(tree: UpgradeTree, path: string): KrmObject[] {
  try {
    const documents = tree.resources(path) ?? [];
    return documents.filter((document) => !document.isEmpty).map((document) => new KrmObject(document, path));
  } catch (error) {
    if (error instanceof PackageError) return [];
    throw error;
  }
}

/** The schema of a version; where the package has it in other versions only, of the first of those. */
function schemaOf(spec: unknown, version: string): unknown {
  const versions = field(spec, 'versions');
  const entries: readonly unknown[] = Array.isArray(versions) ? versions : [];
  const entry = entries.find((candidate) => field(candidate, 'name') === version) ?? entries[0];
  return field(field(entry, 'schema'), 'openAPIV3Schema') ?? field(field(spec, 'validation'), 'openAPIV3Schema');
}

function shapeOfSchema(schema: unknown): MergeShape | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  const properties = entriesOf(field(schema, 'properties'));
  const fields: Record<string, MergeShape> = Object.create(null);
  for (const [name, property] of properties) {
    const shape = shapeOfSchema(property);
    if (shape !== undefined) fields[name] = shape;
  }
  const values = shapeOfSchema(field(schema, 'additionalProperties'));
  const element = field(schema, 'items');
  const items = shapeOfSchema(element);
  const identity = identityOf(schema, element);
  const shape: MergeShape = {
    ...(Object.keys(fields).length > 0 && { fields }),
    ...(values !== undefined && { values }),
    ...(items !== undefined && { items }),
    ...(identity !== undefined && { identity }),
  };
  return Object.keys(shape).length > 0 ? shape : undefined;
}

function identityOf(schema: unknown, element: unknown): MergeShape['identity'] {
  const type = field(schema, 'x-kubernetes-list-type');
  if (type === 'set') return byValue;
  const keys = field(schema, 'x-kubernetes-list-map-keys');
  const names = Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [];
  if (type !== 'map' || names.length === 0) {
    const mergeKey = field(schema, 'x-kubernetes-patch-merge-key');
    return type === undefined && typeof mergeKey === 'string' ? byFields([mergeKey]) : undefined;
  }
  const properties = field(element, 'properties');
  const defaults: Record<string, string> = Object.create(null);
  for (const name of names) {
    const value = field(field(properties, name), 'default');
    if (value !== undefined && value !== null && typeof value !== 'object') defaults[name] = String(value);
  }
  return byFields(names, defaults);
}

function field(value: unknown, name: string): unknown {
  return entriesOf(value).find(([key]) => key === name)?.[1];
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
