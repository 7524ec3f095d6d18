/** The API groups this server owns. */
export const porchGroup = 'porch.kpt.dev';
export const porchVersion = 'v1alpha1';
export const porchApiVersion = `${porchGroup}/${porchVersion}`;

export const configGroup = 'config.porch.kpt.dev';
export const configVersion = 'v1alpha1';
export const configApiVersion = `${configGroup}/${configVersion}`;

/** Group resources, as the store's keys have them. */
export const packageRevisions = 'packagerevisions.porch.kpt.dev';
export const packageRevisionResources = 'packagerevisionresources.porch.kpt.dev';
export const packages = 'packages.porch.kpt.dev';
export const packageRevs = 'packagerevs.config.porch.kpt.dev';
export const repositories = 'repositories.config.porch.kpt.dev';
export const functionConfigs = 'functionconfigs.config.porch.kpt.dev';
export const secrets = 'secrets';
export const namespaces = 'namespaces';

/** Label that the server puts on the latest published revision of each package. */
export const latestRevisionLabel = 'kpt.dev/latest-revision';
export const pushOnRenderFailureAnnotation = 'porch.kpt.dev/push-on-render-failure';
export const resolveDraftAnnotation = 'porch.kpt.dev/resolve-draft';
export const discardDraftsAnnotation = 'porch.kpt.dev/discard-drafts';
export const repositoryFinalizer = 'config.porch.kpt.dev/repository';

/** The namespace whose FunctionConfigs hold for packages of all namespaces, as the Go server's manifests have it. */
export const functionNamespace = 'porch-fn-system';

/** Holds a namespace until it is empty. */
export const namespaceFinalizer = 'porch.kpt.dev/namespace';
