/** As much of an API object as the benchmark looks at. */
export interface ApiObject {
  apiVersion?: string;
  kind?: string;
  metadata: { name?: string; namespace?: string; resourceVersion?: string; labels?: Record<string, string> };
  spec: Record<string, unknown>;
}

/** Name of the one repository that is registered. */
export const repositoryName = 'packages';

const porch = '/apis/porch.kpt.dev/v1alpha1/namespaces/default';

/** Where things are in the API. */
export const paths = {
  repositories: '/apis/config.porch.kpt.dev/v1alpha1/namespaces/default/repositories',
  revisions: `${porch}/packagerevisions`,
  revision: (name: string): string => `${porch}/packagerevisions/${name}`,
  approval: (name: string): string => `${porch}/packagerevisions/${name}/approval`,
  resources: (name: string): string => `${porch}/packagerevisionresources/${name}`,
};

/** A Repository for a URL. */
export function repository(url: string): ApiObject {
  return {
    apiVersion: 'config.porch.kpt.dev/v1alpha1',
    kind: 'Repository',
    metadata: { name: repositoryName, namespace: 'default' },
    spec: { type: 'git', content: 'Package', git: { repo: url, branch: 'main', directory: '/' } },
  };
}

/** A new, empty draft. */
export function newDraft(packageName: string, workspaceName: string): ApiObject {
  return {
    apiVersion: 'porch.kpt.dev/v1alpha1',
    kind: 'PackageRevision',
    metadata: { namespace: 'default' },
    spec: {
      packageName,
      workspaceName,
      repository: repositoryName,
      lifecycle: 'Draft',
      tasks: [{ type: 'init', init: { description: 'A package that is measured' } }],
    },
  };
}

/** Name that the API gives a package revision. */
export function revisionName(packageName: string, workspaceName: string): string {
  return [repositoryName, ...packageName.split('/'), workspaceName].join('.');
}

/** The same package revision in another state. */
export function inState(object: ApiObject, lifecycle: string): ApiObject {
  return { ...object, spec: { ...object.spec, lifecycle } };
}
