import { isDeepStrictEqual } from 'node:util';
import type { FunctionResultItem } from '../../pipeline/results.ts';
import { KrmObject } from '../../yaml/krm-object.ts';
import type { FunctionInput, FunctionOutput, KrmFunction } from '../function.ts';
import { messageOf, reportOn } from '../reporting.ts';
import { withIdentifierOf } from '../upstream-identifier.ts';
import { type FolderResource, folderResources } from './folder-resources.ts';
import { hierarchyVersion, readFolders, readRoot } from './hierarchy.ts';

/** Makes a Folder of Config Connector for each folder in the ResourceHierarchies. */
export const generateFolders: KrmFunction = { name: 'generate-folders', tags: ['v0.1.1', 'v0.1'], run };

interface WantedFolder {
  readonly hierarchy: KrmObject;
  readonly folder: FolderResource;
}

function run({ items }: FunctionInput): FunctionOutput {
  const hierarchies = items.flatMap((object) => {
    const version = hierarchyVersion(object);
    return version === undefined ? [] : [{ object, version }];
  });
  const results: FunctionResultItem[] = [];
  const wanted = new Map<string, WantedFolder>();
  for (const hierarchy of hierarchies) {
    const { object, version } = hierarchy;
    if (version !== 'v3') results.push(reportOn(object, 'warning', oldVersion(object)));
    try {
      for (const folder of folderResources(object, version, readRoot(object, version), readFolders(object, version))) {
        const key = placeOf(object, folder);
        const other = wanted.get(key);
        if (other === undefined) wanted.set(key, { hierarchy: object, folder });
        else if (!isDeepStrictEqual(other.folder, folder)) throw new Error(sameName(object, folder, other));
      }
    } catch (error) {
      results.push(reportOn(object, 'error', messageOf(error)));
    }
  }
  const errors = results.filter(({ severity }) => severity === 'error').map(({ message }) => `[error]: ${message}`);
  if (errors.length > 0) return { results, failed: errors.join('\n') };
  const objects = Map.groupBy(items, identity);
  const added = [...wanted.values()].flatMap((folder) => insert(wanted, objects, folder));
  return { results, items: [...items, ...added] };
}

function sameName(hierarchy: KrmObject, { spec, metadata }: FolderResource, other: WantedFolder): string {
  const [one, two] = [other.folder.spec, spec].map(({ displayName }) => JSON.stringify(displayName));
  const where = other.hierarchy === hierarchy ? '' : ` and ResourceHierarchy ${other.hierarchy.name}`;
  return `ResourceHierarchy ${hierarchy.name}${where}: the folders ${one} and ${two} would have the same name "${metadata.name}"`;
}

function oldVersion({ name }: KrmObject): string {
  return (
    `ResourceHierarchy ${name} references an older Resource Hierarchy GroupVersion. ` +
    'Latest GroupVersion is blueprints.cloud.google.com/v1alpha3.'
  );
}

/** Gives the folder's object its content, or answers a new one. */
function insert(
  wanted: ReadonlyMap<string, WantedFolder>,
  objects: ReadonlyMap<string, readonly KrmObject[]>,
  { hierarchy, folder }: WantedFolder,
): readonly KrmObject[] {
  const fresh = KrmObject.create({ ...folder });
  const candidates = objects.get(identity(fresh)) ?? [];
  // A folder may stand in another package, unless that has a hierarchy with it.
  const existing =
    candidates.find(({ packagePath }) => packagePath === hierarchy.packagePath) ??
    candidates.find((object) => !wanted.has(placeOf(object, folder)));
  if (existing !== undefined) {
    existing.set([], { ...withIdentifierOf(existing, folder) });
    return [];
  }
  fresh.packagePath = hierarchy.packagePath;
  return [fresh];
}

/** What must be different of two folders: packages know nothing of each other. */
function placeOf({ packagePath, namespace }: KrmObject, { metadata }: FolderResource): string {
  return `${packagePath ?? ''}\0${namespace}/${metadata.name}`;
}

function identity({ apiVersion, kind, namespace, name }: KrmObject): string {
  return [apiVersion, kind, namespace, name].join('/');
}
