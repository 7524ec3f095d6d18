import { type KrmObject, localConfigAnnotation } from '../../yaml/krm-object.ts';
import { dependsOnAnnotation } from '../depends-on-annotation.ts';
import { isDnsLabel } from '../dns-label.ts';
import { annotationsToInherit } from '../upstream-identifier.ts';
import type { Folder, FolderRoot, HierarchyVersion } from './hierarchy.ts';

const group = 'resourcemanager.cnrm.cloud.google.com';

/** Annotations of a hierarchy that are about itself. */
const ownAnnotations = [localConfigAnnotation, 'config.k8s.io/function'];

/** More folders than this are a mistake: subtrees within subtrees multiply. */
const mostFolders = 10_000;

/** As long as Kubernetes lets names be. */
const longestName = 253;

type Annotations = Readonly<Record<string, string>>;

/** A Folder of Config Connector. */
export interface FolderResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Annotations; readonly namespace?: string };
  readonly spec: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/**
 * The resources of a hierarchy's folders, parents first.
 *
 * @throws Error where there are too many
 */
export function folderResources(
  hierarchy: KrmObject,
  version: HierarchyVersion,
  root: FolderRoot,
  folders: readonly Folder[],
): readonly FolderResource[] {
  const resources: FolderResource[] = [];
  const inherited = version === 'v1' ? {} : inheritedAnnotations(hierarchy);
  const visit = (children: readonly Folder[], path: readonly string[]): void => {
    for (const { name, children: below } of children) {
      if (resources.length === mostFolders) {
        throw new Error(`ResourceHierarchy ${hierarchy.name} has more than ${mostFolders} folders`);
      }
      const resourceName = nameOf([...path, name]);
      const problem = problemOf(resourceName);
      if (problem !== undefined) {
        throw new Error(
          `ResourceHierarchy ${hierarchy.name} has a folder ${JSON.stringify(name)} whose name "${resourceName}" ${problem}`,
        );
      }
      const place = { root, path, namespace: hierarchy.namespace };
      resources.push(version === 'v3' ? withReference(name, place, inherited) : withAnnotation(name, place, inherited));
      visit(below, [...path, name]);
    }
  };
  visit(folders, []);
  return resources;
}

function inheritedAnnotations(hierarchy: KrmObject): Annotations {
  return Object.fromEntries(
    Object.entries(annotationsToInherit(hierarchy)).filter(([key]) => !ownAnnotations.includes(key)),
  );
}

/** Where a folder is. */
interface Place {
  readonly root: FolderRoot;
  /** The names of the folders that it is in, from the outermost. */
  readonly path: readonly string[];
  /** The namespace of all resources; empty for none. */
  readonly namespace: string;
}

/** A folder that names its parent in its spec. */
function withReference(name: string, place: Place, inherited: Annotations): FolderResource {
  const { root, path, namespace } = place;
  if (path.length === 0) {
    const field = root.kind === 'Organization' ? 'organizationRef' : 'folderRef';
    return resource(name, place, inherited, { [field]: { external: root.id } });
  }
  const parent = nameOf(path);
  const dependency = `${group}/namespaces/${namespace}/Folder/${parent}`;
  const annotations: Annotations = namespace === '' ? {} : { [dependsOnAnnotation]: dependency };
  return resource(name, place, { ...inherited, ...annotations }, { folderRef: { name: parent } });
}

/** A folder that names its parent in an annotation, as older versions do. */
function withAnnotation(name: string, place: Place, inherited: Annotations): FolderResource {
  const { root, path } = place;
  const isInOrganization = path.length === 0 && root.kind === 'Organization';
  const key = isInOrganization ? 'cnrm.cloud.google.com/organization-id' : 'cnrm.cloud.google.com/folder-ref';
  const parent = path.length === 0 ? normalized(root.id) : nameOf(path);
  return resource(name, place, { ...inherited, [key]: parent }, {});
}

function resource(
  name: string,
  { path, namespace }: Place,
  annotations: Annotations,
  reference: FolderResource['spec'],
): FolderResource {
  return {
    apiVersion: `${group}/v1beta1`,
    kind: 'Folder',
    metadata: {
      name: nameOf([...path, name]),
      ...(Object.keys(annotations).length > 0 && { annotations }),
      ...(namespace !== '' && { namespace }),
    },
    spec: { displayName: name, ...reference },
  };
}

function nameOf(path: readonly string[]): string {
  return normalized(path.join('.'));
}

/** Why Kubernetes does not allow a name; undefined where it does. */
function problemOf(name: string): string | undefined {
  if (name.length > longestName) return `is longer than ${longestName} characters`;
  return name.split('.').every(isDnsLabel)
    ? undefined
    : 'has a part that does not begin and end with a letter of a to z, or a digit';
}

/** A name of letters that Kubernetes allows. */
function normalized(name: string): string {
  return name
    .toLowerCase()
    .replace(/[_ ]/g, '-')
    .replace(/[^a-z0-9.-]/g, '');
}
