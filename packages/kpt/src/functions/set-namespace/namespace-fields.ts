import { isSeq } from 'yaml';
import type { KrmObject } from '../../yaml/krm-object.ts';
import type { FieldPath } from '../../yaml/node-edits.ts';
import { isLooselySelected } from '../group-version-kind.ts';
import { isNamespaced } from '../resource-scope.ts';
import { upstreamOrigin } from '../upstream-identifier.ts';

/** A field that names a namespace. */
export interface NamespaceField {
  readonly object: KrmObject;
  readonly path: FieldPath;
  /** What it names now; a resource of a namespace that names none is in `default`. */
  readonly current: string;
  /** What it named in the package this one was made from; empty where that is not known. */
  readonly origin: string;
}

const crdService: FieldPath = ['spec', 'conversion', 'webhook', 'clientConfig', 'service'];
const apiService: FieldPath = ['spec', 'service'];

/** All fields that name a namespace: first those of objects of the whole cluster, then `metadata.namespace` of the others. */
export function namespaceFields(objects: readonly KrmObject[]): readonly NamespaceField[] {
  const namespaced = objects.filter(isNamespaced);
  const others = objects.filter((object) => !isNamespaced(object));
  return [...others.flatMap(clusterScopedFields), ...namespaced.map(ownNamespace)];
}

function ownNamespace(object: KrmObject): NamespaceField {
  return {
    object,
    path: ['metadata', 'namespace'],
    current: object.namespace || 'default',
    origin: upstreamOrigin(object)?.namespace ?? '',
  };
}

function clusterScopedFields(object: KrmObject): readonly NamespaceField[] {
  if (isLooselySelected(object, { version: 'v1', kind: 'Namespace' })) {
    const origin = upstreamOrigin(object)?.name ?? '';
    return [{ object, path: ['metadata', 'name'], current: object.name, origin }];
  }
  if (isLooselySelected(object, { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' })) {
    return serviceNamespace(object, crdService);
  }
  if (isLooselySelected(object, { group: 'apiregistration.k8s.io', version: 'v1', kind: 'APIService' })) {
    return serviceNamespace(object, apiService);
  }
  // Role bindings get here only where their kind is not known to be of a namespace and they name none.
  if (object.kind === 'ClusterRoleBinding' || object.kind === 'RoleBinding') return subjectNamespaces(object);
  return [];
}

/** A definition without a webhook, or an API served by the API server itself, names no service and gets none. */
function serviceNamespace(object: KrmObject, service: FieldPath): readonly NamespaceField[] {
  if (object.getString([...service, 'name']) === undefined) return [];
  const path = [...service, 'namespace'];
  return [{ object, path, current: object.getString(path) || 'default', origin: '' }];
}

function subjectNamespaces(object: KrmObject): readonly NamespaceField[] {
  const subjects = object.node(['subjects']);
  if (!isSeq(subjects)) return [];
  return subjects.items.flatMap((_, index) => {
    const path = ['subjects', index, 'namespace'];
    const current = object.getString(path);
    return current === undefined ? [] : [{ object, path, current, origin: '' }];
  });
}
