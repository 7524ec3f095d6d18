import type { Logger } from 'pino';
import type { ClusterClient } from '../../cluster/cluster-client.ts';
import { apiServiceName, webhookConfigurationName, webhookName } from './names.ts';

const fieldManager = 'porch';
/** How often the authority is put back where somebody has taken it out, in milliseconds. */
const everyMs = 60_000;

const targets: readonly { readonly path: string; object(caBundle: string): object }[] = [
  {
    path: `/apis/apiregistration.k8s.io/v1/apiservices/${apiServiceName}`,
    object: (caBundle) => ({
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: apiServiceName },
      spec: { caBundle },
    }),
  },
  {
    path: `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${webhookConfigurationName}`,
    object: (caBundle) => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: webhookConfigurationName },
      webhooks: [{ name: webhookName, clientConfig: { caBundle } }],
    }),
  },
];

/**
 * Tells kube-apiserver by which authority it can verify a server that makes its certificates itself: in the APIService and in the
 * webhook's configuration, by server-side apply, so that nobody has to copy it there. Returns what ends it.
 */
export function publishAuthority(client: ClusterClient, authority: string, logger: Logger): () => void {
  const caBundle = Buffer.from(authority).toString('base64');
  const failed = new Set<string>();
  const publish = async (): Promise<void> => {
    for (const { path, object } of targets) {
      try {
        await client.apply(path, object(caBundle), fieldManager);
        if (failed.delete(path)) logger.info({ path }, "the server's authority is known to the cluster now");
      } catch (error) {
        if (!failed.has(path)) {
          logger.warn({ err: error, path }, "the server's authority could not be told to the cluster; trying again");
        }
        failed.add(path);
      }
    }
  };
  void publish();
  const timer = setInterval(publish, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
