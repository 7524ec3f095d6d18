/** Names of what `deploy/` makes for the server in a cluster. */
const serviceName = 'api';
export const apiServiceName = 'v1alpha1.porch.kpt.dev';
export const webhookConfigurationName = 'porch-repositories';
export const webhookName = 'repositories.config.porch.kpt.dev';
export const webhookPath = '/validate-repository';
/** The Lease by which servers with stores of their own agree on who looks after the repositories. */
export const controllersLease = 'porch-repository-controller';
/** Where the server runs when nobody says otherwise. */
export const defaultServerNamespace = 'porch-system';

/** Names under which a cluster reaches a server in a namespace. */
export function serviceHosts(namespace: string): readonly string[] {
  const short = `${serviceName}.${namespace}.svc`;
  return [short, `${short}.cluster.local`];
}

/** Where a pod finds its service account. */
export const serviceAccountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';
